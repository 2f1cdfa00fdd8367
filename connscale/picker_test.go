package connscale_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// The documentation of balancer.Picker says that Pick should not block, but here it
// waits. So nothing else may wait for it. That is true as long as grpc calls Pick on
// the goroutine of the call, without a lock.
func TestPickDoesNotBlockOthers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "a", grpc.MaxConcurrentStreams(1))
		n.serve(t, "b", grpc.MaxConcurrentStreams(100))
		r, target := resolved("a")
		client := n.clientOf(t, target, connscale.Options{ServiceConfig: roundRobin, MaxConnections: 1}, grpc.WithResolvers(r))
		held := hold(t, client, 1)
		ctx, cancel := context.WithCancel(t.Context())
		var waiting []*later
		for range 50 {
			waiting = append(waiting, holdLater(t, ctx, client))
		}
		wantWaiting(t, "the connection is full", client, 50)

		// Other calls come and go.
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			wantError(t, "another call", unary(ctx, client), codes.DeadlineExceeded,
				"context deadline exceeded while waiting for a stream: the only connection is full")
			cancel()
		}
		// The state can be read, and the resolver's updates take effect.
		_ = client.GetState()
		r.UpdateState(endpoints("a", "b"))
		synctest.Wait()
		begun := 0
		for _, w := range waiting {
			if w.has() {
				begun++
			}
		}
		if begun == 0 {
			t.Error("no call is at the new server")
		}
		// Calls to the connection with room get through, though half of the picks are
		// for the full one.
		through := 0
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if unary(ctx, client) == nil {
				through++
			}
			cancel()
		}
		if through != 10 {
			t.Errorf("%d of 20 calls got through, want the 10 that were picked for the server with room", through)
		}
		wantWaiting(t, "the others wait", client, 50-begun)
		// The client can be closed.
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		for _, w := range waiting {
			if !w.has() {
				t.Fatal("a call still waits, though the client is closed")
			}
		}
		cancel()
		held[0].end()
	})
}
