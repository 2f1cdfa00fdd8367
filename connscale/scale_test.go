package connscale_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// subscribe opens n streams of cc in parallel, and counts those that have begun in
// running. They end with ctx. Then the group is done.
func subscribe(ctx context.Context, cc grpc.ClientConnInterface, n int, running *atomic.Int64) *sync.WaitGroup {
	var all sync.WaitGroup
	for range n {
		all.Add(1)
		go func() {
			defer all.Done()
			s, err := open(ctx, cc)
			if err != nil {
				return
			}
			running.Add(1)
			_ = s.wait()
		}()
	}
	return &all
}

// A server allows ten streams per connection. A channel of grpc runs ten streams, and
// this client runs a thousand and a unary call. Afterwards one connection is left.
func TestAThousandStreams(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(10))
		plain := n.plain(t, "passthrough:///server")
		scaled := n.client(t, connscale.Options{MaxConnections: 101})

		ctx, cancel := context.WithCancel(t.Context())
		var ofPlain, ofScaled atomic.Int64
		all := []*sync.WaitGroup{subscribe(ctx, plain, 1000, &ofPlain), subscribe(ctx, scaled, 1000, &ofScaled)}
		begin := time.Now()
		time.Sleep(3 * time.Second)
		if p, s := ofPlain.Load(), ofScaled.Load(); p != 10 || s != 1000 {
			t.Errorf("%d streams of a plain client run and %d of ours, want 10 and 1000", p, s)
		}
		if got := len(n.dialled()); got != 101 {
			t.Errorf("%d connections were opened, want 1 and 100", got)
		}
		for _, try := range n.dialled() {
			if after := try.at.Sub(begin); after > 0 {
				t.Fatalf("the connection %d was opened after %v", try.number, after)
			}
		}
		want := make([]int, 100)
		for i := range want {
			want[i] = 10
		}
		wantStreams(t, "1,000 streams", scaled, want...)
		wantWaiting(t, "1,000 streams", scaled, 0)
		wantUnary(t, "beside 1,000 streams", scaled)
		stalled, stop := context.WithTimeout(ctx, time.Second)
		defer stop()
		if err := unary(stalled, plain); err == nil {
			t.Error("a unary call of a plain client gets through")
		}

		cancel()
		for _, group := range all {
			group.Wait()
		}
		synctest.Wait()
		if got := len(streams(scaled)); got != 101 {
			t.Errorf("%d connections after all calls have ended, want 101", got)
		}
		time.Sleep(time.Minute)
		wantStreams(t, "after a minute", scaled, 0)
	})
}

// No connection is opened while one has room, and the oldest connection with room is
// used.
func TestTheOldestWithRoomIsTaken(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(3))
		client := n.client(t, connscale.Options{})
		held := hold(t, client, 3)
		wantStreams(t, "3 streams", client, 3)
		held = append(held, hold(t, client, 4)...)
		wantStreams(t, "7 streams", client, 3, 3, 1)
		for i, want := range []string{"server#0", "server#0", "server#0", "server#1", "server#1", "server#1", "server#2"} {
			if got := held[i].on(t); got != want {
				t.Errorf("stream %d is on %s, want %s", i, got, want)
			}
		}
		held[4].end()
		held[1].end()
		wantStreams(t, "two have ended", client, 2, 2, 1)
		again := hold(t, client, 3)
		wantStreams(t, "three have begun", client, 3, 3, 2)
		for i, want := range []string{"server#0", "server#1", "server#2"} {
			if got := again[i].on(t); got != want {
				t.Errorf("new stream %d is on %s, want %s", i, got, want)
			}
		}
		if got := len(n.dialled()); got != 3 {
			t.Errorf("%d connections were opened, want 3", got)
		}
	})
}

// However many calls wait, one connection is opened at a time.
func TestOneAttemptInFlight(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(2))
		var trying, most atomic.Int64
		n.setRefuse(func(context.Context, try) error {
			defer trying.Add(-1)
			most.Store(max(most.Load(), trying.Add(1)))
			time.Sleep(time.Second)
			return nil
		})
		client := n.client(t, connscale.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		var running atomic.Int64
		all := subscribe(ctx, client, 11, &running)
		for second := range int64(6) {
			time.Sleep(time.Second)
			synctest.Wait()
			if got, want := running.Load(), min(2*(second+1), 11); got != want {
				t.Errorf("after %d s %d streams run, want %d", second+1, got, want)
			}
		}
		time.Sleep(time.Minute)
		if got := len(n.dialled()); got != 6 || most.Load() != 1 {
			t.Errorf("%d connections were opened, up to %d at a time; want 6, one at a time", got, most.Load())
		}
		cancel()
		all.Wait()
	})
}

// No more connections are opened than the maximum, by default ten.
func TestTheMaximumHolds(t *testing.T) {
	t.Parallel()
	for max, want := range map[int]int{0: 10, 1: 1, 3: 3} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serve(t, "server", grpc.MaxConcurrentStreams(2))
				client := n.client(t, connscale.Options{MaxConnections: max})
				held := hold(t, client, 2*want)
				next := holdLater(t, t.Context(), client)
				time.Sleep(time.Hour)
				wantWaiting(t, "all are full", client, 1)
				if got := len(n.dialled()); got != want {
					t.Errorf("%d connections were opened, want %d", got, want)
				}
				held[len(held)-1].end()
				next.wantBegun(t, "there is room")
				wantWaiting(t, "there is room", client, 0)
			})
		})
	}
}

// If a server sets no limit, the client has none either.
func TestWithoutALimit(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server")
		client := n.client(t, connscale.Options{})
		hold(t, client, 300)
		wantStreams(t, "300 streams", client, 300)
	})
}
