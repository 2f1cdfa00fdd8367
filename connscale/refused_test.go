package connscale_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// backoffOf1s retries after 1, 2 and 4 seconds, and then every 8 seconds.
var backoffOf1s = grpc.WithConnectParams(grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: time.Second, Multiplier: 2, MaxDelay: 8 * time.Second},
	MinConnectTimeout: 5 * time.Second,
})

// seconds returns the times of the tries to connect, in seconds after the second try.
func (n *network) seconds() []int {
	var after []int
	tries := n.dialled()
	for _, t := range tries[1:] {
		after = append(after, int(t.at.Sub(tries[1].at)/time.Second))
	}
	return after
}

func wantSeconds(t *testing.T, n *network, want ...int) {
	t.Helper()
	if got := n.seconds(); !slices.Equal(got, want) {
		t.Errorf("another connection was tried at %v s, want %v", got, want)
	}
}

// If no other connection can be opened, the calls of the first one continue, waiting
// calls are served by it, none fails, and the tries keep grpc's backoff.
func TestNoOtherConnectionCanBeOpened(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		dial func(context.Context, try) error
		want []int
	}{
		"refused": {only(1), []int{0, 1, 3, 7, 15, 23, 31, 39, 47, 55}},
		"hangs":   {hangs(1), []int{0, 6, 13, 22, 38, 54}}, // a try lasts 5 s, or as long as the backoff after it
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serve(t, "server", grpc.MaxConcurrentStreams(2))
				n.setRefuse(test.dial)
				client := n.client(t, connscale.Options{}, backoffOf1s)
				held := hold(t, client, 2)
				waiting := holdLater(t, t.Context(), client)
				time.Sleep(time.Minute)
				if waiting.has() {
					t.Fatalf("a call does not wait: %v", waiting.err)
				}
				wantSeconds(t, n, test.want...)
				wantStreams(t, "no other connection", client, 2)
				wantWaiting(t, "no other connection", client, 1)
				if got := client.GetState(); got != connectivity.Ready {
					t.Errorf("the state is %v, want READY", got)
				}
				held[0].end()
				waiting.wantBegun(t, "there is room")
				waiting.end()
				wantUnary(t, "there is room", client)

				// No call waits, so there is no try.
				time.Sleep(time.Hour)
				if got := len(n.seconds()); got > len(test.want)+1 {
					t.Errorf("%d tries, want at most %d", got, len(test.want)+1)
				}

				// The server accepts connections again: the next waiting call opens
				// one.
				n.setRefuse(nil)
				hold(t, client, 2)
				wantStreams(t, "another connection", client, 2, 1)
			})
		})
	}
}

// A connection that is made after failed tries serves the waiting calls, and the next
// one follows without a backoff.
func TestAConnectionAfterFailures(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		n.setRefuse(func(_ context.Context, t try) error {
			if 1 <= t.number && t.number <= 3 {
				return errRefused
			}
			return nil
		})
		client := n.client(t, connscale.Options{}, backoffOf1s)
		hold(t, client, 1)
		begin := time.Now()
		hold(t, client, 1)
		if took := time.Since(begin); took != 7*time.Second {
			t.Errorf("it took %v until there was another connection, want 7 s", took)
		}
		begin = time.Now()
		hold(t, client, 1)
		if took := time.Since(begin); took > 0 {
			t.Errorf("it took %v until there was a third connection", took)
		}
		wantStreams(t, "three connections", client, 1, 1, 1)
	})
}

// Without any connection the client behaves like grpc: calls fail, or wait with
// WaitForReady.
func TestNoConnectionAtAll(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"pick_first": "", "round_robin": roundRobin} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				opts := []grpc.DialOption{backoffOf1s}
				if config != "" {
					opts = append(opts, grpc.WithDefaultServiceConfig(config))
				}
				plain := n.plain(t, "passthrough:///server", opts...)
				want := unary(t.Context(), plain)

				client := n.client(t, connscale.Options{ServiceConfig: config}, backoffOf1s)
				got := unary(t.Context(), client)
				wantError(t, "a call", got, codes.Unavailable, status.Convert(want).Message())
				if got := client.GetState(); got != connectivity.TransientFailure {
					t.Errorf("the state is %v", got)
				}
				want, got = briefly(t, plain), briefly(t, client)
				wantError(t, "a call that waits too briefly", got, codes.DeadlineExceeded, status.Convert(want).Message())

				waiting := holdLater(t, t.Context(), client, grpc.WaitForReady(true))
				time.Sleep(time.Minute)
				if waiting.has() {
					t.Fatalf("a call does not wait: %v", waiting.err)
				}
				n.serve(t, "server", grpc.MaxConcurrentStreams(1))
				time.Sleep(8 * time.Second)
				waiting.wantBegun(t, "the server is there")
				hold(t, client, 1)
				wantStreams(t, "the server is there", client, 1, 1)
			})
		})
	}
}

// briefly makes a call that waits one second for a connection.
func briefly(t *testing.T, cc grpc.ClientConnInterface) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	return unary(ctx, cc, grpc.WaitForReady(true))
}

// A server may end a connection immediately or a moment after it was made. That counts
// as a failure, too: there is a second between two tries.
func TestConnectionsThatEndAtOnce(t *testing.T) {
	t.Parallel()
	for lasts, fail := range map[time.Duration]int{0: -1, time.Millisecond: 10} {
		t.Run(lasts.String(), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serveFrames(t, "server", &frames{
					limits: []uint32{1}, answer: time.Hour, ends: func(number int) bool { return number > 0 }, lasts: lasts,
				})
				client := n.client(t, connscale.Options{MaxConnections: 2})
				holdLater(t, t.Context(), client)
				ctx, cancel := context.WithCancel(t.Context())
				var waiting []*later
				for range 100 {
					waiting = append(waiting, holdLater(t, ctx, client))
				}
				time.Sleep(9*time.Second + 2*time.Millisecond)
				synctest.Wait()
				wantSeconds(t, n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
				wantStreams(t, "others end immediately", client, 1)
				if got := client.GetState(); got != connectivity.Ready {
					t.Errorf("the state is %v, want READY", got)
				}
				failed := 0
				for _, w := range waiting {
					if w.has() {
						failed++
					}
				}
				if fail >= 0 && failed != fail {
					t.Errorf("%d calls have failed, want %d: one for each connection that was open", failed, fail)
				}
				brief, end := context.WithTimeout(ctx, time.Millisecond)
				defer end()
				wantError(t, "a call", unary(brief, client), codes.DeadlineExceeded,
					"context deadline exceeded while waiting for a stream: the only connection is full, and another one has ended at once")
				cancel()
			})
		})
	}
}

// A connection that has served a call and ends soon does not count as a failure: the
// next one follows without a pause.
func TestAConnectionThatHasServed(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{MaxConnections: 2})
		hold(t, client, 1)
		for i := range 10 {
			second := hold(t, client, 1)[0]
			waiting := holdLater(t, t.Context(), client)
			second.end() // it has been answered
			waiting.wantBegun(t, "there is room")
			n.cut(i + 1)
			synctest.Wait()
			waiting.wantEnd(t, codes.Unavailable)
		}
		wantUnary(t, "ten connections have been cut", client)
		if got := len(n.dialled()); got != 12 {
			t.Errorf("%d connections were opened, want 12", got)
		}
	})
}
