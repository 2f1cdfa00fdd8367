package kubernetes

import (
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// The golden case compose with a shorter interval: an instance whose health service
// says NOT_SERVING gets no calls. When it says SERVING, it gets its share.
func TestTraefikLabelsHealth(t *testing.T) {
	t.Parallel()
	golden := proxyconfig.Generate(t, []string{
		"target=traefik-labels", "entrypoint=web", "health_check=1s",
		"upstream.acme.orders.v1.Orders=orders:50051;weight=9", "upstream.acme.orders.v1.Orders=orders-canary:50051;weight=1",
		"upstream.acme.orders.v1.Orders.Export=export:50051",
	}, routecases.Dir, "compose/orders.proto")
	canary := health.NewServer()
	canary.SetServingStatus("", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	conn := startOnDocker(t, []container{
		{service: "orders", ip: serveHealth(t, "orders", health.NewServer())},
		{service: "orders-canary", ip: serveHealth(t, "orders-canary", canary)},
		{service: "export", ip: serveHealth(t, "export", health.NewServer())},
	}, golden)

	// Traefik considers an instance healthy until its first health check.
	inTurn := func(want map[string]int) func() bool {
		return func() bool {
			got := make(map[string]int)
			for range 20 {
				backend, err := getOrder.Call(t.Context(), conn)
				if err != nil {
					return false
				}
				got[backend]++
			}
			return got["orders"] == want["orders"] && got["orders-canary"] == want["orders-canary"]
		}
	}
	proc.Wait(t, "the canary to get no calls", inTurn(map[string]int{"orders": 20}))
	seen(t, "NOT_SERVING: 20 of 20 calls at the other")
	canary.SetServingStatus("", grpc_health_v1.HealthCheckResponse_SERVING)
	proc.Wait(t, "the canary to get its share", inTurn(map[string]int{"orders": 18, "orders-canary": 2}))
	checkWeights(t, conn, map[string]int{"orders": 90, "orders-canary": 10})
	routecases.Check(t, conn, []routecases.Case{{Host: "a.orders.example", Path: "/acme.orders.v1.Orders/Export", Backend: "export"}})
}

// serveHealth is like serve on port 50051, with a health service.
func serveHealth(t *testing.T, name string, service grpc_health_v1.HealthServer) string {
	t.Helper()
	listener := listen(t, 50051)
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Aborted, name)
	}))
	grpc_health_v1.RegisterHealthServer(server, service)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(server.Stop)
	return listener.Addr().(*net.TCPAddr).IP.String()
}
