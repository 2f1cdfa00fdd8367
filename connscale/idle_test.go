package connscale_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// Each connection except the oldest is closed exactly when it has been idle for the
// idle timeout.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	for _, timeout := range []time.Duration{0, 10 * time.Second} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				var server inmemory.Open
				n.serve(t, "server", grpc.MaxConcurrentStreams(2), grpc.StatsHandler(&server))
				client := n.client(t, connscale.Options{IdleTimeout: timeout})
				if timeout == 0 {
					timeout = 30 * time.Second
				}
				held := hold(t, client, 8)
				begin := time.Now()
				at := func(after time.Duration, want ...int) {
					t.Helper()
					time.Sleep(after - time.Since(begin))
					synctest.Wait()
					wantStreams(t, after.String(), client, want...)
					if got := server.Conns.Load(); int(got) != len(want) {
						t.Errorf("%v: the server has %d connections, want %d", after, got, len(want))
					}
				}
				at(time.Hour, 2, 2, 2, 2) // connections with calls stay
				begin = time.Now()
				second := time.Second
				held[2].end()
				held[3].end() // the second is idle from now on
				at(second, 2, 0, 2, 2)
				held[6].end()
				held[7].end() // the fourth
				at(2*second, 2, 0, 2, 0)
				held[0].end()
				held[1].end() // the oldest
				at(3*second, 0, 0, 2, 0)
				again := hold(t, client, 3) // the second has a call once more
				at(4*second, 2, 1, 2, 0)
				again[2].end()
				at(timeout-1, 2, 0, 2, 0)
				at(timeout+second-1, 2, 0, 2, 0)
				at(timeout+second, 2, 0, 2)
				at(timeout+4*second-1, 2, 0, 2)
				at(timeout+4*second, 2, 2)
				held[4].end()
				held[5].end()
				again[0].end()
				again[1].end()
				at(timeout*2+4*second, 0)
				at(20*time.Minute, 0) // after 30 minutes grpc itself makes the channel idle
				if got := len(n.dialled()); got != 4 {
					t.Errorf("%d connections were opened, want 4", got)
				}
			})
		})
	}
}

// A connection that is no longer needed when it becomes ready is closed, too.
func TestAConnectionThatComesTooLate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		n.setRefuse(func(_ context.Context, this try) error {
			if this.number > 0 {
				time.Sleep(5 * time.Second)
			}
			return nil
		})
		client := n.client(t, connscale.Options{})
		held := hold(t, client, 1)
		waiting := holdLater(t, t.Context(), client)
		held[0].end()
		waiting.wantBegun(t, "there is room")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		wantStreams(t, "another connection", client, 1, 0)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		wantStreams(t, "30 s later", client, 1)
		if got := waiting.on(t); got != "server#0" {
			t.Errorf("the call is on %s", got)
		}
	})
}

// Its idle timeout begins when it becomes ready, not when another connection became
// idle.
func TestAConnectionThatComesLate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		n.setRefuse(func(_ context.Context, this try) error {
			if this.number > 1 {
				time.Sleep(5 * time.Second)
			}
			return nil
		})
		client := n.client(t, connscale.Options{})
		begin := time.Now()
		at := func(after time.Duration, want ...int) {
			t.Helper()
			time.Sleep(after*time.Second - time.Since(begin))
			synctest.Wait()
			wantStreams(t, (after * time.Second).String(), client, want...)
		}
		hold(t, client, 2)[1].end() // the second is checked after 30 s
		at(15, 1, 0)
		second := hold(t, client, 1)[0]
		ctx, cancel := context.WithCancel(t.Context())
		holdLater(t, ctx, client)
		at(16, 1, 1)
		cancel()
		second.end()
		at(20, 1, 0, 0)
		at(45, 1, 0, 0)
		at(46, 1, 0)
		at(49, 1, 0)
		at(50, 1)
	})
}

// An idle connection that becomes the oldest stays.
func TestTheOldestStays(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{})
		for _, s := range hold(t, client, 3) {
			s.end()
		}
		time.Sleep(10 * time.Second)
		n.cut(0)
		synctest.Wait()
		wantStreams(t, "the oldest is cut", client, 0, 0)
		time.Sleep(20 * time.Minute)
		wantStreams(t, "20 minutes later", client, 0)
		if got := hold(t, client, 1)[0].on(t); got != "server#1" {
			t.Errorf("a call is on %s", got)
		}
	})
}
