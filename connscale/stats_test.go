package connscale_test

import (
	"slices"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// Stats list the connections by address, the oldest of each first.
func TestStats(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "a", grpc.MaxConcurrentStreams(2))
		n.serve(t, "b", grpc.MaxConcurrentStreams(3))
		n.serve(t, "c")
		r, target := resolved("c", "b", "a")
		client := n.clientOf(t, target, connscale.Options{ServiceConfig: roundRobin, MaxConnections: 2}, grpc.WithResolvers(r))
		wantUnary(t, "to begin with", client)
		synctest.Wait() // for the others
		held := hold(t, client, 9)
		want := []connscale.Connection{
			{Address: "a", Streams: 2, Limit: 2},
			{Address: "a", Streams: 1, Limit: 2},
			{Address: "b", Streams: 3, Limit: 3},
			{Address: "c", Streams: 3, Limit: 1<<31 - 1}, // no limit
		}
		if got := client.Stats(); !slices.Equal(got.Connections, want) || got.Waiting != 0 {
			t.Errorf("the stats are %+v, want %+v", got, want)
		}
		for range 9 { // three for each server, of which a has room for one
			holdLater(t, t.Context(), client)
		}
		wantWaiting(t, "more calls", client, 2)
		for _, s := range held {
			s.end()
		}
		wantWaiting(t, "there is room", client, 0)
	})
}

// A limit of 0 leaves 0 streams for calls, even if one is kept free.
func TestStatsOfNoStreams(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serveFrames(t, "server", &frames{limits: []uint32{0}})
		client := n.client(t, connscale.Options{ServiceConfig: checkHealth})
		client.Connect()
		synctest.Wait()
		if got, want := client.Stats().Connections, []connscale.Connection{{Address: "server"}}; !slices.Equal(got, want) {
			t.Errorf("the connections are %+v, want %+v", got, want)
		}
	})
}
