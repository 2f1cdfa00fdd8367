package istio

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// gateways are the Gateways that the golden files name, in one workload.
const gateways = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: apps}
spec:
  selector: {istio: edge}
  servers: [{port: {number: 8080, name: grpc, protocol: GRPC}, hosts: ["*/*"]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec:
  selector: {istio: edge}
  servers: [{port: {number: 8081, name: grpc, protocol: GRPC}, hosts: ["*/*"]}]
`

// ports are the ports of the Gateways, by golden case. Goldens with the same port must
// have no Service in common.
var ports = map[string]string{"hosts": "8080", "methods": "8080", "template": "8080", "shared": "8081"}

// more are cases for the goldens that have none in routecases.
var more = []routecases.Case{
	{Golden: "template", Host: "http-export.acme-billing-2-v1.example", Path: "/acme.billing_2.v1.HTTPExport/Get", Backend: "http-export"},
	{Golden: "template", Host: "invoice-service.acme-billing-2-v1.example", Path: "/grpc.health.v1.Health/Check", Backend: "invoice-service"},
}

// An API server with Istio's CRDs accepts the golden files, and a gateway routes calls
// correctly, with TLS if they say so.
func TestGateway(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	api := startCluster(t, "apps", "infra", "batch", "acme-billing-2-v1")
	api.Apply(t, gateways)
	b := dataplane.NewBackends(t)
	for golden := range ports {
		apply(t, api, golden, b)
	}
	g := newGateway(t, startIstiod(t, api))
	for golden, port := range ports {
		e, m := g.edge(port)
		b.Certify(e)
		cases := dataplane.Possible(routecases.Of(golden))
		for _, c := range more {
			if c.Golden == golden {
				cases = append(cases, c)
			}
		}
		e.Serve(t, b).Check(cases)
		checkCalls(t, e)
		if idle := m.GetStreamIdleTimeout(); idle == nil || idle.AsDuration() != 0 {
			t.Errorf("port %s: a silent stream ends after %v", port, idle)
		}
	}
}

// apply creates the objects of a golden file, and the Services that it names. The
// Services' ports do not say that they use HTTP/2.
func apply(t *testing.T, api *kube.Real, golden string, b *dataplane.Backends) {
	t.Helper()
	text := readFile(t, routecases.Dir+"/"+golden+"/istio.yaml")
	for i, s := range kube.Services(t, text) {
		ip := fmt.Sprintf("10.%d.0.%d", len(golden), i+1)
		b.Names[fmt.Sprintf("%s:%d", ip, s.Port)] = s.Name
		api.Apply(t, strings.ReplaceAll(s.Objects("", ip), "kubernetes.io/h2c", "http"))
	}
	api.Apply(t, text)
}

// checkCalls checks that no call is ended, repeated or delayed, and that HTTP/2 is used
// for each upstream.
func checkCalls(t *testing.T, e *dataplane.Edge) {
	t.Helper()
	for name, r := range dataplane.Routes(e.Manager.GetRouteConfig()) {
		if r.GetTimeout() == nil || r.GetTimeout().AsDuration() != 0 {
			t.Errorf("%s: a call ends after %v", name, r.GetTimeout())
		}
		if r.GetIdleTimeout().AsDuration() != 0 {
			t.Errorf("%s: a silent stream ends after %v", name, r.GetIdleTimeout())
		}
		if r.GetRetryPolicy() != nil {
			t.Errorf("%s: a call may run twice: %v", name, r.GetRetryPolicy())
		}
	}
	for _, c := range e.Clusters {
		if !strings.HasPrefix(c.GetName(), "outbound|") || strings.Contains(c.GetName(), "|kubernetes.default.svc.") {
			continue // not an upstream, or the API server itself
		}
		if !dataplane.HTTP2(t, c) {
			t.Errorf("%s: HTTP/2 is not used", c.GetName())
		}
		for _, limits := range c.GetCircuitBreakers().GetThresholds() {
			if limits.GetMaxRequests().GetValue() < 1e6 || limits.GetMaxPendingRequests().GetValue() < 1e6 {
				t.Errorf("%s: open calls are limited: %v", c.GetName(), limits)
			}
		}
	}
}
