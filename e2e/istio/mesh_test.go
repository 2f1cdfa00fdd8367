package istio

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/xds"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// entry is a ServiceEntry with an endpoint on loopback. An API server does not accept a
// Service with such an endpoint.
const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: %[1]s, namespace: %[2]s}
spec:
  hosts: ["%[3]s"]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: %[4]d, name: grpc, protocol: GRPC}]
  endpoints: [{address: 127.0.0.1, ports: {grpc: %[5]s}}]
`

// startEntry starts a backend for a service.
func startEntry(t *testing.T, api *kube.Real, name, namespace, host string, port int) {
	t.Helper()
	_, actual, err := net.SplitHostPort(routecases.Start(t, name))
	if err != nil {
		t.Fatal(err)
	}
	api.Apply(t, fmt.Sprintf(entry, name, namespace, host, port, actual))
}

// A grpc-go client that istiod configures like a sidecar reaches the backend in the
// golden file, and not the service with the name of the host.
func TestMesh(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	api := startCluster(t, "apps", "people")
	text := readFile(t, routecases.Dir+"/mesh/istio.yaml")
	for _, s := range kube.Services(t, text) {
		startEntry(t, api, s.Name, s.Namespace, s.Name+"."+s.Namespace+".svc.cluster.local", s.Port)
	}
	for _, host := range []string{"orders.example", "users.example"} {
		startEntry(t, api, "not-"+strings.ReplaceAll(host, ".", "-"), "apps", host, 80)
	}
	api.Apply(t, text)
	istiod := startIstiod(t, api)

	dataplane.CheckShares(t, caller(t, istiod, "orders.example:80", "/acme.mesh.v1.Orders/Get"), map[string]float64{"orders": 0.9, "orders-canary": 0.1})
	dataplane.CheckShares(t, caller(t, istiod, "orders.example:80", "/grpc.health.v1.Health/Check"), map[string]float64{"orders": 0.9, "orders-canary": 0.1})
	dataplane.CheckShares(t, caller(t, istiod, "users.example:80", "/acme.mesh.v1.Users/Get"), map[string]float64{"users": 1})
}

// caller returns a function that makes a call to a target, and returns the backend that
// it reached.
func caller(t *testing.T, istiod, target, path string) func() (string, error) {
	t.Helper()
	builder, err := xds.NewXDSResolverWithConfigForTesting(fmt.Appendf(nil, bootstrap, istiod))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("xds:///"+target, grpc.WithResolvers(builder), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // the test is over
	return func() (string, error) { return routecases.Case{Path: path}.Call(t.Context(), conn) }
}

// bootstrap is the bootstrap configuration of grpc-go's client, for a pod in namespace
// apps.
const bootstrap = `{
	"xds_servers": [{"server_uri": "%s", "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}],
	"node": {
		"id": "sidecar~127.0.0.1~client.apps~apps.svc.cluster.local",
		"metadata": {"GENERATOR": "grpc", "NAMESPACE": "apps", "CLUSTER_ID": "Kubernetes", "ISTIO_VERSION": "1.30.0"}
	}
}`
