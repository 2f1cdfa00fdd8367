package connscale_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// work makes n calls with 400 workers, and counts the failed ones by their errors.
func work(t *testing.T, cc grpc.ClientConnInterface, n int64) map[string]int {
	t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	failed := make(map[string]int)
	var begun atomic.Int64
	for range 400 {
		all.Add(1)
		go func() {
			defer all.Done()
			for begun.Add(1) <= n {
				if err := unary(t.Context(), cc); err != nil {
					mu.Lock()
					failed[err.Error()]++
					mu.Unlock()
				}
			}
		}()
	}
	all.Wait()
	return failed
}

// A server takes 500 calls on a connection, sends GOAWAY a moment later, and refuses
// the calls in between, like nginx. A channel of grpc loses some calls here, and so
// would this client if connections did not wear.
func TestAServerThatWearsConnections(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		server := n.serveFrames(t, "server", &frames{
			limits: []uint32{50}, answer: 10 * time.Millisecond, delay: 4 * time.Millisecond,
			life: func(int) int { return 500 },
		})
		client := n.client(t, connscale.Options{})
		begin := time.Now()
		for time.Since(begin) < 3*time.Minute {
			if failed := work(t, client, 8_000/slow); len(failed) > 0 {
				t.Fatalf("after %v calls failed: %v", time.Since(begin), failed)
			}
			time.Sleep(45 * time.Second)
		}
		if server.refused.Load() == 0 {
			t.Error("the server has refused no calls: the test proves nothing")
		}
		if got, calls := server.conns.Load(), server.taken.Load(); got > calls/200 {
			t.Errorf("%d connections for %d calls", got, calls)
		}
	})
}

// The only sign of a refused call is the text of its error.
func TestTheErrorOfARefusedCall(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serveFrames(t, "server", &frames{limits: []uint32{1}, life: func(int) int { return -1 }})
		plain := n.plain(t, "passthrough:///server")
		wantError(t, "a plain client", unary(t.Context(), plain), codes.Unavailable, "the connection is draining")
		client := n.client(t, connscale.Options{})
		wantError(t, "our client", unary(t.Context(), client), codes.Unavailable, "the connection is draining")
	})
}

// worn is a client with two connections. The server has refused a call on the first
// after it had taken some, and takes any number of calls on the others.
type worn struct {
	*network
	*connscale.Client
	server *frames
	stream *stream      // on the second connection, which has had another call
	end    *atomic.Bool // later connections end after a millisecond
}

func newWorn(t *testing.T, n *network, life int, opts connscale.Options, dialOpts ...grpc.DialOption) *worn {
	t.Helper()
	end := new(atomic.Bool)
	server := n.serveFrames(t, "server", &frames{
		limits: []uint32{10}, answer: time.Millisecond, delay: 10 * time.Microsecond,
		ends: func(int) bool { return end.Load() }, lasts: 2 * time.Millisecond,
		life: func(number int) int {
			if number > 0 {
				return 0
			}
			return life
		},
	})
	w := &worn{network: n, Client: n.client(t, opts, dialOpts...), server: server, end: end}
	var first []*stream
	for {
		s := hold(t, w, 1)[0]
		if s.on(t) == "server#1" {
			w.stream = s
			break
		}
		first = append(first, s)
	}
	for _, s := range first {
		s.end()
	}
	w.calls(t, life-len(first)-1)
	w.wantDialled(t, "before a call is refused", 2)
	two := []*later{holdLater(t, t.Context(), w), holdLater(t, t.Context(), w)} // the server takes one and refuses the other
	time.Sleep(time.Second)
	for _, l := range two {
		l.wantBegun(t, "one of them was refused")
		l.end()
	}
	if got := server.refused.Load(); got != 1 {
		t.Fatalf("%d calls were refused, want 1", got)
	}
	return w
}

func (w *worn) calls(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := unary(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *worn) wantDialled(t *testing.T, when string, want int) {
	t.Helper()
	if got := len(w.dialled()); got != want {
		t.Errorf("%s: %d connections were opened, want %d", when, got, want)
	}
}

// slowSecret is a secret for a call, which arrives late.
type slowSecret chan struct{}

func (s slowSecret) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	<-s
	return nil, nil
}

func (slowSecret) RequireTransportSecurity() bool { return false }

// A call that picks a connection and finds its GOAWAY before the call is sent was not
// refused.
func TestAnOrderlyEndWearsNothing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		server := n.serve(t, "server", grpc.MaxConcurrentStreams(10))
		client := n.client(t, connscale.Options{})
		for range 300 {
			wantUnary(t, "before the end", client)
		}
		hold(t, client, 1) // keeps the connection from being closed
		secret := make(slowSecret)
		slow := holdLater(t, t.Context(), client, grpc.PerRPCCredentials(secret))
		go server.GracefulStop()
		synctest.Wait()
		n.serve(t, "server", grpc.MaxConcurrentStreams(10))
		close(secret)
		slow.wantBegun(t, "another server")
		for range 1000 {
			wantUnary(t, "another server", client)
		}
		if got := len(n.dialled()); got != 2 {
			t.Errorf("%d connections were opened, want 2", got)
		}
	})
}

// If no other connection can be opened, a worn one is used, while others are tried.
func TestAWornConnectionIsUsedWhereOthersFail(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		w := newWorn(t, n, 150, connscale.Options{}, backoffOf1s)
		n.setRefuse(only(2))
		w.calls(t, 149-2)
		w.wantDialled(t, "it is not worn", 2)
		begin := time.Now()
		w.calls(t, 10)
		w.wantDialled(t, "it is worn, and the first try fails", 3)
		for time.Since(begin) < 30*time.Second {
			w.calls(t, 1)
			time.Sleep(100 * time.Millisecond)
		}
		w.wantDialled(t, "30 s of failing tries", 2+6) // after 0, 1, 3, 7, 15 and 23 s
		wantStreams(t, "30 s of failing tries", w.Client, 1)
		n.setRefuse(nil)
		for time.Since(begin) < 40*time.Second {
			w.calls(t, 1)
			time.Sleep(100 * time.Millisecond)
		}
		w.wantDialled(t, "the next try succeeds", 2+7)
		wantStreams(t, "the next try succeeds", w.Client, 1, 0)
		w.stream.end()
		wantStreams(t, "the call of the worn one has ended", w.Client, 0)
	})
}

// This also holds if others end immediately.
func TestAWornConnectionIsUsedWhereOthersEnd(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		w := newWorn(t, n, 150, connscale.Options{MaxConnections: 2})
		w.end.Store(true)
		w.calls(t, 149-2)
		var waiting []*later
		for range 25 {
			waiting = append(waiting, holdLater(t, t.Context(), w))
		}
		wantStreams(t, "two others take calls", w.Client, 1, 10, 10)
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		wantStreams(t, "the others have ended", w.Client, 6)
		wantWaiting(t, "the others have ended", w.Client, 0)
		for _, l := range waiting {
			if l.has() && l.err == nil {
				l.end()
			}
		}
	})
}

// Worn connections do not count towards the maximum: otherwise no call would get
// through while long calls hold them.
func TestWornConnectionsDoNotCount(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		w := newWorn(t, n, 150, connscale.Options{MaxConnections: 2})
		long := []*stream{w.stream}
		w.calls(t, 149-2)
		for i := range 4 {
			if i > 0 {
				w.calls(t, 149-1)
			}
			long = append(long, hold(t, w, 1)...)
			wantStreams(t, "long calls", w.Client, slices.Repeat([]int{1}, i+2)...)
		}
		for _, s := range long {
			s.end()
		}
	})
}

// When the oldest connection is worn and closed, the health is watched on the next.
func TestTheHealthOfAWornConnection(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		w := newWorn(t, n, 150, connscale.Options{ServiceConfig: checkHealth})
		w.calls(t, 200)
		if got := w.server.watchedOn(); !slices.Equal(got, []int{0, 1}) {
			t.Errorf("the health was watched on the connections %v, want 0 and 1", got)
		}
		wantStreams(t, "the second is worn", w.Client, 1, 0)
		w.stream.end()
		synctest.Wait()
		wantStreams(t, "the second is closed", w.Client, 0)
		if got := w.server.watchedOn(); !slices.Equal(got, []int{0, 1, 2}) {
			t.Errorf("the health was watched on the connections %v, want 0, 1 and 2", got)
		}
		w.calls(t, 1)
	})
}
