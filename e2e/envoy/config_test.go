package envoy

import (
	"testing"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

func golden(name string) string { return routecases.Dir + "/" + name + "/envoy.yaml" }

// One call in ten goes to the instance with a weight of one in ten.
func TestWeights(t *testing.T) {
	t.Parallel()
	p := readEdge(t, readFile(t, golden("canary"))).Serve(t, dataplane.NewBackends(t))
	p.CheckShares(routecases.Case{Host: "a.orders.example", Path: "/acme.shop.v1.Orders/Get"}, map[string]float64{"orders": 0.9, "orders-canary": 0.1})
}

// A backend whose certificate has another name gets no call.
func TestMisnamed(t *testing.T) {
	t.Parallel()
	e, b := readEdge(t, readFile(t, golden("tls"))), dataplane.NewBackends(t)
	b.Certify(e)
	b.Certified["square.internal:8443"] = "cube.internal"
	backend, err := e.Serve(t, b).Call(routecases.Case{Host: "square.example", Path: "/acme.v1.Square/Get"})
	if status.Code(err) != codes.Unavailable {
		t.Errorf("the call reached %q: %v", backend, err)
	}
}

// No timeout ends a call that is long or silent.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	e := readEdge(t, readFile(t, golden("hosts")))
	if idle := e.Manager.GetStreamIdleTimeout(); idle == nil || idle.AsDuration() != 0 {
		t.Errorf("a silent stream ends after %v", idle)
	}
	routes := 0
	for name, r := range dataplane.Routes(e.Manager.GetRouteConfig()) {
		routes++
		if r.GetTimeout() == nil || r.GetTimeout().AsDuration() != 0 {
			t.Errorf("%s: a call ends after %v", name, r.GetTimeout())
		}
	}
	if routes < 6 {
		t.Errorf("only %d routes", routes)
	}
}

// Every upstream has a health check, and an unhealthy one gets no call.
func TestHealthChecks(t *testing.T) {
	t.Parallel()
	for _, c := range readEdge(t, readFile(t, golden("canary"))).Clusters {
		checkHealthCheck(t, c)
		if authority := c.GetHealthChecks()[0].GetGrpcHealthCheck().GetAuthority(); authority != "orders" && authority != "users.people" {
			t.Errorf("%s: the check is for the host %q", c.GetName(), authority)
		}
	}
}

// checkHealthCheck checks that c has a gRPC health check every 10 seconds, as canary
// asks for.
func checkHealthCheck(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	checks := c.GetHealthChecks()
	if len(checks) != 1 {
		t.Fatalf("%s has %d health checks", c.GetName(), len(checks))
	}
	if checks[0].GetGrpcHealthCheck() == nil || checks[0].GetInterval().AsDuration() != 10*time.Second || checks[0].GetGrpcHealthCheck().GetServiceName() != "" {
		t.Errorf("%s: the health check is %v", c.GetName(), checks[0])
	}
	if panic := c.GetCommonLbConfig().GetHealthyPanicThreshold(); panic == nil || panic.GetValue() != 0 {
		t.Errorf("%s: unhealthy instances get calls below %v", c.GetName(), panic)
	}
}
