package connscale_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
)

// While no connection is full, a call makes no more allocations than on a channel of
// grpc: a pick and its end make none.
//
//nolint:paralleltest // the allocations of the whole process are counted
func TestAPickAllocatesNothing(t *testing.T) {
	n := newNetwork()
	n.serve(t, "server", grpc.MaxConcurrentStreams(100))
	channel := n.byName(t, "passthrough:///server", nil, grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"test_pickers": {}}]}`))
	if err := unary(t.Context(), channel); err != nil {
		t.Fatal(err)
	}
	picker := *seenPickers.last.Load().(*balancer.Picker)
	info := balancer.PickInfo{Ctx: t.Context()}
	if n := testing.AllocsPerRun(10_000, func() {
		result, err := picker.Pick(info)
		if err != nil {
			t.Fatal(err)
		}
		result.Done(balancer.DoneInfo{BytesSent: true, BytesReceived: true})
	}); n > 0 {
		t.Errorf("a pick makes %v allocations, want none", n)
	}
}
