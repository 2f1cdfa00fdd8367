package ecosystem

import (
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// tracing returns server and client options that record spans.
func tracing(spans *tracetest.SpanRecorder) (grpc.ServerOption, grpc.DialOption) {
	opts := []otelgrpc.Option{
		otelgrpc.WithTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(spans))),
		otelgrpc.WithPropagators(propagation.TraceContext{}),
	}
	return grpc.StatsHandler(otelgrpc.NewServerHandler(opts...)), grpc.WithStatsHandler(otelgrpc.NewClientHandler(opts...))
}

// A trace passes through a gateway. A gateway that is traced has its own spans in it.
func TestOpenTelemetryThroughAGateway(t *testing.T) {
	t.Parallel()
	for mode, opts := range map[string][]gateway.Option{"typed": nil, "raw": {gateway.Raw()}} {
		for kind, call := range kinds {
			for name, traced := range map[string]bool{"": false, " that is traced": true} {
				t.Run(mode+"/"+kind+name, func(t *testing.T) {
					t.Parallel()
					spans := tracetest.NewSpanRecorder()
					server, dial := tracing(spans)
					upstream := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, squarer{}) }, server)
					var inside []grpc.ServerOption
					var outside []grpc.DialOption
					if traced {
						inside, outside = []grpc.ServerOption{server}, []grpc.DialOption{dial}
					}
					conn := gateway.Conn(inmemory.Dial(t, upstream, outside...), opts...)
					client := serve(t, squares.NewSquareServiceStub(conn), inside, dial)
					if n, err := call(t.Context(), client, 3); err != nil || n != received[kind] {
						t.Fatalf("%d messages, %v; want %d", n, err, received[kind])
					}
					want := 2
					if traced {
						want = 4
					}
					proc.Wait(t, "the spans to end", func() bool { return len(spans.Ended()) == want })
					byParent := make(map[oteltrace.SpanID]trace.ReadOnlySpan)
					for _, span := range spans.Ended() {
						byParent[span.Parent().SpanID()] = span
					}
					length := 0
					for id := (oteltrace.SpanID{}); byParent[id] != nil; length++ {
						id = byParent[id].SpanContext().SpanID()
					}
					if length != want {
						t.Errorf("%d spans are in one line, want %d", length, want)
					}
				})
			}
		}
	}
}
