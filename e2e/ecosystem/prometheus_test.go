package ecosystem

import (
	"fmt"
	"testing"

	grpcprometheus "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// Each call and each message is counted once on both sides. A loop that is left counts
// as a canceled call.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			client, server := grpcprometheus.NewClientMetrics(), grpcprometheus.NewServerMetrics()
			ended := make(chan struct{})
			stub := serve(t, squarer{},
				[]grpc.ServerOption{
					grpc.ChainUnaryInterceptor(unaryEnd(ended), server.UnaryServerInterceptor()),
					grpc.ChainStreamInterceptor(streamEnd(ended), server.StreamServerInterceptor()),
				},
				grpc.WithUnaryInterceptor(client.UnaryClientInterceptor()),
				grpc.WithStreamInterceptor(client.StreamClientInterceptor()))
			if _, err := call(t.Context(), stub, 3); err != nil {
				t.Error(err)
			}
			<-ended
			for _, want := range []struct {
				of    prometheus.Collector
				name  string
				label string
				count int
			}{
				{client, "grpc_client_handled_total", "OK", 1},
				{client, "grpc_client_msg_sent_total", "", sent[kind]},
				{client, "grpc_client_msg_received_total", "", received[kind]},
				{server, "grpc_server_handled_total", "OK", 1},
				{server, "grpc_server_msg_received_total", "", sent[kind]},
				{server, "grpc_server_msg_sent_total", "", received[kind]},
			} {
				if got := counted(t, want.of, want.name, want.label); got != want.count {
					t.Errorf("%s is %d, want %d", want.name, got, want.count)
				}
			}
			t.Attr("seen", fmt.Sprintf("%d sent, %d received", sent[kind], received[kind]))
		})
	}
	t.Run("break", func(t *testing.T) {
		t.Parallel()
		client := grpcprometheus.NewClientMetrics()
		stub := serve(t, squarer{}, nil, grpc.WithStreamInterceptor(client.StreamClientInterceptor()))
		for _, err := range stub.RangeSquare(t.Context(), &squares.Message{Message: 1e9}) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if got := counted(t, client, "grpc_client_handled_total", "Canceled"); got != 1 {
			t.Errorf("%d calls were canceled, want 1", got)
		}
	})
}

// counted returns the sum of a counter, optionally only for one code.
func counted(t *testing.T, of prometheus.Collector, name, code string) int {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(of); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if family.GetName() == name && (code == "" || hasCode(metric, code)) {
				sum += int(metric.GetCounter().GetValue())
			}
		}
	}
	return sum
}

func hasCode(metric *dto.Metric, code string) bool {
	for _, label := range metric.GetLabel() {
		if label.GetName() == "grpc_code" && label.GetValue() == code {
			return true
		}
	}
	return false
}
