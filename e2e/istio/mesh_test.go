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

// entry is a service that Istio knows, with an endpoint on loopback: an API server
// takes no Service with such a one.
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

// startEntry starts a backend in the place of a service.
func startEntry(t *testing.T, api *kube.Real, name, namespace, host string, port int) {
	t.Helper()
	_, actual, err := net.SplitHostPort(routecases.Start(t, name))
	if err != nil {
		t.Fatal(err)
	}
	api.Apply(t, fmt.Sprintf(entry, name, namespace, host, port, actual))
}

// A client of grpc-go that istiod itself tells where to call, as it tells a sidecar,
// arrives where the golden file says, and not at the service that the host names.
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

// caller returns what makes a call at a target, and returns where it arrived.
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
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // the test is at its end
	return func() (string, error) { return routecases.Case{Path: path}.Call(t.Context(), conn) }
}

// bootstrap is what grpc-go's client starts with, in a pod of namespace apps.
const bootstrap = `{
	"xds_servers": [{"server_uri": "%s", "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}],
	"node": {
		"id": "sidecar~127.0.0.1~client.apps~apps.svc.cluster.local",
		"metadata": {"GENERATOR": "grpc", "NAMESPACE": "apps", "CLUSTER_ID": "Kubernetes", "ISTIO_VERSION": "1.30.0"}
	}
}`
