package ecosystem

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// telemetry is what OpenTelemetry records of one stub's calls.
type telemetry struct {
	stub    squares.SquareServiceStub
	spans   *tracetest.SpanRecorder
	metrics *metric.ManualReader
}

func observe(t *testing.T) telemetry {
	t.Helper()
	o := telemetry{spans: tracetest.NewSpanRecorder(), metrics: metric.NewManualReader()}
	opts := []otelgrpc.Option{
		otelgrpc.WithTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(o.spans))),
		otelgrpc.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(o.metrics))),
		otelgrpc.WithPropagators(propagation.TraceContext{}),
	}
	o.stub = serve(t, squarer{},
		[]grpc.ServerOption{grpc.StatsHandler(otelgrpc.NewServerHandler(opts...))},
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(opts...)))
	return o
}

// check checks that there is one span of the client and one of the server, which is its
// child, that both have ended with the codes, and that the metrics count them.
func (o telemetry) check(t *testing.T, method string, client, server codes.Code) {
	t.Helper()
	// The server's span may end after the client's call.
	proc.Wait(t, "the spans of the client and the server to end", func() bool { return len(o.spans.Ended()) == 2 })
	ended := o.spans.Ended()
	if n := len(o.spans.Started()); n != 2 {
		t.Fatalf("%d spans have begun, want 2", n)
	}
	byKind := make(map[oteltrace.SpanKind]trace.ReadOnlySpan)
	for _, span := range ended {
		byKind[span.SpanKind()] = span
		if "/"+span.Name() != method {
			t.Errorf("span %s, want the method %s", span.Name(), method)
		}
	}
	clientSpan, serverSpan := byKind[oteltrace.SpanKindClient], byKind[oteltrace.SpanKindServer]
	if serverSpan.Parent().SpanID() != clientSpan.SpanContext().SpanID() {
		t.Error("the server's span is not a child of the client's")
	}
	for span, code := range map[trace.ReadOnlySpan]codes.Code{clientSpan: client, serverSpan: server} {
		if got := attributeOf(span.Attributes(), "rpc.response.status_code"); got != canonical[code] {
			t.Errorf("%v span ended with %q, want %q", span.SpanKind(), got, canonical[code])
		}
	}
	// Calls are counted after their spans have ended.
	proc.Wait(t, "the metrics of one call of the client and one of the server", func() bool {
		counts := o.counts(t)
		return counts["rpc.client.call.duration"] == 1 && counts["rpc.server.call.duration"] == 1
	})
	t.Attr("seen", fmt.Sprintf("2 spans, %v and %v", client, server))
}

// counts returns how many calls each metric has.
func (o telemetry) counts(t *testing.T) map[string]uint64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := o.metrics.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]uint64)
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
				for _, p := range h.DataPoints {
					counts[m.Name] += p.Count
				}
			}
		}
	}
	return counts
}

var canonical = map[codes.Code]string{codes.OK: "OK", codes.Canceled: "CANCELLED", codes.InvalidArgument: "INVALID_ARGUMENT"}

func attributeOf(attributes []attribute.KeyValue, key attribute.Key) string {
	for _, a := range attributes {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

func TestOpenTelemetry(t *testing.T) {
	t.Parallel()
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			o := observe(t)
			if n, err := call(t.Context(), o.stub, 3); err != nil || n != received[kind] {
				t.Errorf("%d messages, %v; want %d", n, err, received[kind])
			}
			o.check(t, method[kind], codes.OK, codes.OK)
		})
		t.Run(kind+" with an error", func(t *testing.T) {
			t.Parallel()
			o := observe(t)
			_, err := call(t.Context(), o.stub, -3)
			checkCode(t, err, codes.InvalidArgument)
			o.check(t, method[kind], codes.InvalidArgument, codes.InvalidArgument)
		})
	}
	// A stream that is left open would show as a span that never ends.
	t.Run("break", func(t *testing.T) {
		t.Parallel()
		o := observe(t)
		for _, err := range o.stub.RangeSquare(t.Context(), number(1e9)) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		o.check(t, squares.SquareService_RangeSquare_Method, codes.Canceled, codes.Canceled)
	})
	t.Run("break of a bidirectional call", func(t *testing.T) {
		t.Parallel()
		o := observe(t)
		// Nothing is being sent at the break. If a Send has been blocked since before
		// the first response, grpc's stats report OK for some calls, even without our
		// stubs (46 of 2,000 calls): clientStream.retryLocked ends them with the io.EOF
		// of that Send if it comes before the cancellation.
		requests := make(chan *squares.Message, 1)
		requests <- number(1)
		for _, err := range stream.Scope(t.Context(), func(ctx context.Context) iter.Seq2[*squares.Message, error] {
			return o.stub.StreamrangeSquare(ctx, stream.FromChan(ctx, requests))
		}) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		o.check(t, squares.SquareService_StreamrangeSquare_Method, codes.Canceled, codes.Canceled)
	})
	// The context of a handler has the server's span, so the handler's own calls are
	// traced.
	t.Run("the handler's context", func(t *testing.T) {
		t.Parallel()
		first, second := observe(t), telemetry{}
		second.stub = serve(t, first.stub, []grpc.ServerOption{grpc.StatsHandler(otelgrpc.NewServerHandler(
			otelgrpc.WithTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(first.spans)))))})
		if n, err := kinds["bidirectional"](t.Context(), second.stub, 3); err != nil || n != 3 {
			t.Errorf("%d messages, %v; want 3", n, err)
		}
		traces := make(map[oteltrace.TraceID]int)
		for _, span := range first.spans.Started() {
			traces[span.SpanContext().TraceID()]++
		}
		if len(traces) != 1 || len(first.spans.Started()) != 3 {
			t.Errorf("spans by trace: %v, want 3 of one", traces)
		}
	})
}

// endless is a sequence of ones.
func endless(yield func(*squares.Message, error) bool) {
	for yield(number(1), nil) {
	}
}
