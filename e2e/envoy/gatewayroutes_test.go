package envoy

import (
	"testing"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// gatewayGoldens are the golden cases for the Gateway API.
var gatewayGoldens = []string{"hosts", "shared", "methods", "template", "canary"}

// Envoy Gateway routes calls correctly, and ends none by itself, neither long nor
// silent ones.
func TestEnvoyGateway(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	for _, golden := range gatewayGoldens {
		t.Run(golden, func(t *testing.T) {
			t.Parallel()
			b := dataplane.NewBackends(t)
			e := translate(t, surround(t, generate(t, golden, "envoy-gateway"), b))
			b.Certify(e)
			e.Serve(t, b).Check(casesOf(t, golden))
			for name, r := range dataplane.Routes(e.Manager.GetRouteConfig()) {
				if r.GetTimeout() == nil || r.GetTimeout().AsDuration() != 0 {
					t.Errorf("%s: a call ends after %v", name, r.GetTimeout())
				}
				if r.GetIdleTimeout() == nil || r.GetIdleTimeout().AsDuration() != 0 {
					t.Errorf("%s: a silent stream ends after %v", name, r.GetIdleTimeout())
				}
				if r.GetRetryPolicy() != nil {
					t.Errorf("%s: a call may run twice: %v", name, r.GetRetryPolicy())
				}
			}
			for _, c := range e.Clusters {
				if !dataplane.HTTP2(t, c) {
					t.Errorf("%s: HTTP/2 is not used", c.GetName())
				}
				limits := c.GetCircuitBreakers().GetThresholds()[0]
				if limits.GetMaxRequests().GetValue() < 1e6 || limits.GetMaxPendingRequests().GetValue() < 1e6 {
					t.Errorf("%s: open calls are limited: %v", c.GetName(), limits)
				}
			}
		})
	}
}

// Without the policies, calls end after Envoy's 15 seconds, because no route sets a
// timeout. If this fails, Envoy Gateway has changed.
func TestEnvoyGatewayWithoutPolicies(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	e := translate(t, surround(t, generate(t, "hosts", "standard"), dataplane.NewBackends(t)))
	for name, r := range dataplane.Routes(e.Manager.GetRouteConfig()) {
		if r.GetTimeout() != nil || r.GetIdleTimeout() != nil {
			t.Errorf("%s: timeout %v, idle timeout %v", name, r.GetTimeout(), r.GetIdleTimeout())
		}
	}
}

func TestEnvoyGatewayWeightsAndHealth(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	b := dataplane.NewBackends(t)
	e := translate(t, surround(t, generate(t, "canary", "envoy-gateway"), b))
	p := e.Serve(t, b)
	p.CheckShares(routecases.Case{Host: "a.orders.example", Path: "/acme.shop.v1.Orders/Get"}, map[string]float64{"orders": 0.9, "orders-canary": 0.1})
	p.CheckShares(routecases.Case{Host: "orders.example", Path: "/grpc.health.v1.Health/Check"}, map[string]float64{"orders": 0.9, "orders-canary": 0.1})
	for _, c := range e.Clusters {
		checkHealthCheck(t, c)
	}
}

// A policy of the Gateway still applies, except for its timeouts.
func TestEnvoyGatewayMergesPolicies(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	const ofGateway = `---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: all, namespace: infra}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}]
  retry: {numRetries: 3}
  timeout: {http: {requestTimeout: 30s}}
`
	e := translate(t, surround(t, generate(t, "canary", "envoy-gateway"), dataplane.NewBackends(t))+ofGateway)
	for name, r := range dataplane.Routes(e.Manager.GetRouteConfig()) {
		if retries := r.GetRetryPolicy().GetNumRetries().GetValue(); retries != 3 || r.GetTimeout() == nil || r.GetTimeout().AsDuration() != 0 {
			t.Errorf("%s: %d retries, and a call ends after %v", name, retries, r.GetTimeout())
		}
	}
}

// The Gateway's settings of connections cannot be changed by routes, as docs/proxies.md
// says. If this fails, Envoy Gateway has changed.
func TestEnvoyGatewayConnections(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	m := dumpOf(t, surround(t, generate(t, "canary", "envoy-gateway"), dataplane.NewBackends(t))).manager(t)
	if open := m.GetHttp2ProtocolOptions().GetMaxConcurrentStreams().GetValue(); open != 100 {
		t.Errorf("a connection may have %d open calls", open)
	}
	if m.GetStreamIdleTimeout() != nil { // Envoy's 5 minutes, which a route overrides
		t.Errorf("a silent stream ends after %v", m.GetStreamIdleTimeout())
	}
	if action := m.GetCommonHttpProtocolOptions().GetHeadersWithUnderscoresAction(); action != core.HttpProtocolOptions_REJECT_REQUEST {
		t.Errorf("a call whose metadata has an underscore gets %v", action)
	}
}
