package kubernetes

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

// The golden case traefik, unchanged.

func TestGoldenGatewayAPI(t *testing.T) { t.Parallel(); testOrders(t, gatewayAPI) }
func TestGoldenTraefikCRD(t *testing.T) { t.Parallel(); testOrders(t, traefikCRD.withClientTLS()) }

func testOrders(t *testing.T, g target) {
	t.Helper()
	conn := startOrders(t, g, "orders", "orders-canary.canary")
	checkWeights(t, conn, map[string]int{"orders": 90, "orders-canary": 10})
	routecases.Check(t, conn, []routecases.Case{
		{Host: "orders.example", Path: "/acme.orders.v1.Orders/Export", Backend: "orders-export"},
		{Host: "a.orders.example", Path: "/acme.orders.v1.Orders/Export", Backend: "orders-export"},
		// The rule of this host is as long as that of the wildcard.
		{Host: "u.orders.example", Path: "/acme.orders.v1.Orders/Export", Backend: "usage"},
		{Host: "u.orders.example", Path: "/acme.orders.v1.Orders/Get", Backend: "usage"},
		{Host: "u.orders.example", Path: "/acme.orders.v1.Usage/Get", Backend: "usage"},
		{Host: "u.orders.example", Path: "/grpc.health.v1.Health/Check", Backend: "usage"},
	})
}

// A certificate for another name than that of the Service is refused.
func TestMisnamedGatewayAPI(t *testing.T) { t.Parallel(); testMisnamed(t, gatewayAPI) }
func TestMisnamedTraefikCRD(t *testing.T) { t.Parallel(); testMisnamed(t, traefikCRD.withClientTLS()) }

func testMisnamed(t *testing.T, g target) {
	t.Helper()
	conn := startOrders(t, g, "other", "another.canary")
	backend, err := getOrder.Call(t.Context(), conn)
	if err == nil {
		t.Errorf("the call reached %q", backend)
	}
	seen(t, err)
}

// With the Gateway API the upstream has TLS, which Traefik supports only for
// HTTPRoutes.
func TestStandardUpstreamTLSByTraefik(t *testing.T) {
	t.Parallel()
	w := standard.withUpstreamTLS().world(t)
	texts := append(w.generated, w.environment)
	for _, b := range w.backends {
		b.tls = false // the Service does not mention TLS: the policy does
		texts = append(texts, b.service(), b.endpoints())
	}
	api := kube.StartFake(t, texts...)
	conn := startTraefik(t, w.addr, w.creds, provider(standard.provider, api.API)...)
	c := routecases.Of("hosts")[0]
	var backend string
	var err error
	proc.Wait(t, "the routes", func() bool {
		backend, err = c.Call(t.Context(), conn)
		return err != nil || backend != ""
	})
	if err == nil {
		t.Errorf("the call reached %q: Traefik now supports this", backend)
	}
	seen(t, err)
}

var getOrder = routecases.Case{Host: "orders.example", Path: "/acme.orders.v1.Orders/Get"}

// startOrders starts Traefik with the golden of g. Two of the backends have a
// certificate for the given names. It returns a connection to Traefik.
func startOrders(t *testing.T, g target, certified, canary string) *grpc.ClientConn {
	t.Helper()
	cert, key := certificate.SelfSigned(t, certified)
	canaryCert, canaryKey := certificate.SelfSigned(t, canary)
	golden, err := os.ReadFile(filepath.Join(routecases.Dir, "traefik", g.file))
	if err != nil {
		t.Fatal(err)
	}
	addr := proc.Addr(t)
	texts := []string{string(golden), environment(t, addr), configMap(namespace, cert), configMap("canary", canaryCert)}
	for _, b := range []backend{
		{namespace: namespace, name: "orders", port: 8443, tls: true, ip: serve(t, "orders", 8443, withTLS(t, cert, key))},
		{namespace: "canary", name: "orders-canary", port: 8443, tls: true, ip: serve(t, "orders-canary", 8443, withTLS(t, canaryCert, canaryKey))},
		{namespace: namespace, name: "orders-export", port: 50051, ip: serve(t, "orders-export", 50051)},
		{namespace: namespace, name: "usage", port: 50051, ip: serve(t, "usage", 50051)},
	} {
		texts = append(texts, b.service(), b.endpoints())
	}
	secret, creds := g.credentials(t, "edge-tls", "orders.example", "a.orders.example", "u.orders.example")
	api := kube.StartFake(t, append(texts, secret)...)
	args := append(provider(g.provider, api.API), g.args...)
	conn := startTraefik(t, addr, creds, append(args, "--entrypoints.websecure.address="+proc.Addr(t))...)
	exported := routecases.Case{Host: "orders.example", Path: "/acme.orders.v1.Orders/Export", Backend: "orders-export"}
	proc.Wait(t, "the routes", func() bool {
		backend, err := exported.Call(t.Context(), conn)
		return err == nil && backend == exported.Backend
	})
	return conn
}

// seen records what happened, for the table.
func seen(t *testing.T, what any) {
	t.Helper()
	t.Attr("seen", strings.ReplaceAll(fmt.Sprint(what), "\n", " "))
}

// checkWeights makes 100 calls and compares how many each backend gets.
func checkWeights(t *testing.T, conn *grpc.ClientConn, want map[string]int) {
	t.Helper()
	got := make(map[string]int)
	for range 100 {
		backend, err := getOrder.Call(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		got[backend]++
	}
	seen(t, got)
	for backend, n := range want {
		if got[backend] < n-2 || got[backend] > n+2 {
			t.Errorf("%v of 100 calls, want %v", got, want)
		}
	}
}
