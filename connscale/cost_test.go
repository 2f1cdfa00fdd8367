package connscale_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/connscale"
)

// While nothing is full, a call allocates as much as one of a channel of grpc's.
//
//nolint:paralleltest // the allocations of the whole process are counted
func TestACallAllocatesNothingMore(t *testing.T) {
	if slow > 1 {
		t.Skip("the race detector allocates, too")
	}
	n := newNetwork()
	n.serve(t, "server", grpc.MaxConcurrentStreams(100))
	client, err := connscale.NewClient("passthrough:///server", insecure.NewCredentials(), connscale.Options{}, n.dialer())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // the test is over
	allocations := func(cc grpc.ClientConnInterface) float64 {
		return testing.AllocsPerRun(1000, func() {
			if err := unary(t.Context(), cc); err != nil {
				t.Fatal(err)
			}
		})
	}
	plain := n.plain(t, "passthrough:///server")
	want, got := allocations(plain), allocations(client)
	for range 4 { // what grpc does behind the calls is counted, too, and differs
		want, got = min(want, allocations(plain)), min(got, allocations(client))
	}
	if got > want {
		t.Errorf("a call allocates %v times, want %v as with a plain channel", got, want)
	}
}
