package connscale_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/keepalive"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// statesOf returns a function that returns the states that cc has had since statesOf
// was called.
func statesOf(t *testing.T, cc interface {
	GetState() connectivity.State
	WaitForStateChange(context.Context, connectivity.State) bool
},
) func() []connectivity.State {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	states := []connectivity.State{cc.GetState()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for cc.WaitForStateChange(ctx, states[len(states)-1]) {
			states = append(states, cc.GetState())
		}
	}()
	t.Cleanup(cancel)
	return func() []connectivity.State {
		synctest.Wait()
		cancel()
		<-done
		return states
	}
}

// When a connection is cut, its streams end and those of others do not. The client
// stays ready. Calls go to the oldest connection that is left.
func TestOneOfSeveralConnectionsIsCut(t *testing.T) {
	t.Parallel()
	for cut := range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serve(t, "server", grpc.MaxConcurrentStreams(2))
				client := n.client(t, connscale.Options{})
				held := hold(t, client, 5)
				states := statesOf(t, client)
				time.Sleep(time.Second) // connections that end sooner count as failures
				n.cut(cut)
				synctest.Wait()
				want := slices.Delete([]int{2, 2, 1}, cut, cut+1)
				wantStreams(t, "one is cut", client, want...)
				wantUnary(t, "one is cut", client)
				hold(t, client, 4)
				if got := states(); !slices.Equal(got, []connectivity.State{connectivity.Ready}) {
					t.Errorf("the states of the client were %v", got)
				}
				if got := len(n.dialled()); got != 5 {
					t.Errorf("%d connections were opened, want 4 for 7 or 8 streams, and the one that was cut", got)
				}
				for i, s := range held {
					want := codes.Canceled
					if i/2 == cut {
						want = codes.Unavailable
					}
					s.wantEnd(t, want)
				}
			})
		})
	}
}

// When all connections are lost, the child starts with a new one, and waiting calls get
// through. A try that was under way is abandoned.
func TestAllConnectionsAreCut(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"pick_first": "", "round_robin": roundRobin} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serve(t, "server", grpc.MaxConcurrentStreams(2))
				client := n.client(t, connscale.Options{ServiceConfig: config})
				hold(t, client, 6)
				n.setRefuse(func(ctx context.Context, t try) error {
					if t.number != 3 {
						return nil
					}
					<-ctx.Done()
					return ctx.Err()
				})
				waiting := holdLater(t, t.Context(), client)
				states := statesOf(t, client)
				n.cutAll()
				waiting.wantBegun(t, "all are cut")
				if got := waiting.on(t); got != "server#4" {
					t.Errorf("the call that waited is on %s", got)
				}
				wantStreams(t, "all are cut", client, 1)
				hold(t, client, 2)
				wantStreams(t, "more calls", client, 2, 1)
				got := states()
				if got[len(got)-1] != connectivity.Ready || len(got) == 1 {
					t.Errorf("the states of the client were %v, want some, and then READY", got)
				}
			})
		})
	}
}

// When a connection is lost, another one may be opened for waiting calls.
func TestAnotherInThePlaceOfALostOne(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{MaxConnections: 2})
		hold(t, client, 2)
		waiting := holdLater(t, t.Context(), client)
		time.Sleep(time.Second)
		n.cut(1)
		waiting.wantBegun(t, "one is lost")
		if got := waiting.on(t); got != "server#2" {
			t.Errorf("the call is on %s", got)
		}
	})
}

// A client that is idle, because its connection was lost, connects when Connect is
// called.
func TestConnect(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server")
		client := n.client(t, connscale.Options{})
		for i := range 3 {
			if got := client.GetState(); got != connectivity.Idle {
				t.Errorf("the state is %v, want IDLE", got)
			}
			client.Connect()
			synctest.Wait()
			if got := client.GetState(); got != connectivity.Ready {
				t.Errorf("the state is %v, want READY", got)
			}
			n.cut(i)
			synctest.Wait()
		}
	})
}

// A connection with GOAWAY gets no more calls. Its open calls continue.
func TestTheServerEndsInOrder(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		server := n.serve(t, "server", grpc.MaxConcurrentStreams(2))
		client := n.client(t, connscale.Options{})
		held := hold(t, client, 4)
		waiting := holdLater(t, t.Context(), client)
		waiting.wantBegun(t, "a third connection")
		go server.GracefulStop()
		n.serve(t, "server", grpc.MaxConcurrentStreams(2))
		synctest.Wait()
		wantStreams(t, "GOAWAY on all connections", client)
		again := hold(t, client, 3)
		wantStreams(t, "calls of the other server", client, 2, 1)
		for _, s := range append(held, waiting.stream) {
			s.wantEnd(t, codes.Canceled)
		}
		wantStreams(t, "the old ones have ended", client, 2, 1)
		_ = again
	})
}

// When calls end on a connection with GOAWAY, that makes no room for others.
func TestAnEndingConnectionHasNoRoom(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serveFrames(t, "server", &frames{limits: []uint32{2}, life: func(number int) int { return 2 * (1 - number) }})
		n.setRefuse(only(2))
		client := n.client(t, connscale.Options{})
		ending := hold(t, client, 2)
		synctest.Wait()
		wantStreams(t, "GOAWAY", client)
		held := hold(t, client, 2)
		wantStreams(t, "another connection", client, 2)
		waiting := holdLater(t, t.Context(), client)
		for _, s := range ending {
			s.end()
		}
		if waiting.has() {
			t.Error("a call has begun without room")
		}
		wantWaiting(t, "no room", client, 1)
		held[0].end()
		waiting.wantBegun(t, "there is room")
	})
}

// No calls fail although connections last only 150 ms.
func TestConnectionsOfLittleAge(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(50),
			grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 150 * time.Millisecond}),
			grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				time.Sleep(20 * time.Millisecond)
				return handler(ctx, req)
			}))
		client := n.client(t, connscale.Options{})
		if failed := work(t, client, 50_000/slow); len(failed) > 0 {
			t.Errorf("calls failed: %v", failed)
		}
		if got := len(n.dialled()); got < 50/slow {
			t.Errorf("%d connections were opened: the test proves nothing", got)
		}
	})
}

// The server is restarted again and again: calls that wait for it succeed.
func TestTheServerIsRestarted(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		server := n.serve(t, "server", grpc.MaxConcurrentStreams(5))
		client := n.client(t, connscale.Options{MaxConnections: 3})
		ctx, cancel := context.WithCancel(t.Context())
		var running atomic.Int64
		all := subscribeAgain(ctx, client, 40, &running)
		for i := range 10 {
			time.Sleep(30 * time.Second)
			if got := running.Load(); got != 15 {
				t.Errorf("before the restart %d %d streams run, want 15", i, got)
			}
			if i%2 == 0 {
				server.Stop()
			} else {
				go server.GracefulStop()
			}
			server = n.serve(t, "server", grpc.MaxConcurrentStreams(5))
			if i%2 != 0 {
				n.cutAll()
			}
		}
		cancel()
		all()
	})
}

// subscribeAgain opens n streams, and reopens each that ends, until ctx ends. It
// returns a function that waits for the end.
func subscribeAgain(ctx context.Context, cc grpc.ClientConnInterface, n int, running *atomic.Int64) func() {
	done := make(chan struct{})
	for range n {
		go func() {
			for ctx.Err() == nil {
				if s, err := open(ctx, cc, grpc.WaitForReady(true)); err == nil {
					running.Add(1)
					_ = s.wait()
					running.Add(-1)
				}
			}
			done <- struct{}{}
		}()
	}
	return func() {
		for range n {
			<-done
		}
	}
}

// If the connection that a call has picked is lost at that moment, the call picks
// again. It does not hang, though the child publishes no other picker.
func TestAPickOfALostConnection(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{MaxConnections: 4})
		hold(t, client, 3)
		ctx, cancel := context.WithCancel(t.Context())
		var running atomic.Int64
		all := subscribeAgain(ctx, client, 1, &running)
		synctest.Wait()
		for i := range 100 {
			go n.cut(len(n.dialled()) - 1)
			synctest.Wait()
			if running.Load() != 1 {
				time.Sleep(2 * time.Second)
			}
			if running.Load() != 1 {
				t.Fatalf("after %d cuts the call hangs", i+1)
			}
		}
		cancel()
		all()
	})
}
