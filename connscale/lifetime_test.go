package connscale_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
)

// After a connection has refused calls, the others, and those of the next minute, get
// as many calls as it had taken. Later connections get any number.
func TestLifetimes(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		w := newWorn(t, n, 150, connscale.Options{})
		w.calls(t, 149-2)
		w.wantDialled(t, "149 calls of the second connection", 2)
		wantStreams(t, "149 calls of the second connection", w.Client, 1)
		w.calls(t, 1)
		w.wantDialled(t, "one more", 3)
		wantStreams(t, "the second is worn", w.Client, 1, 0)
		w.calls(t, 148)
		w.wantDialled(t, "149 calls of the third connection", 3)
		w.stream.end()
		wantStreams(t, "the second has ended", w.Client, 0)
		w.calls(t, 1)
		w.wantDialled(t, "one more", 4)
		wantStreams(t, "the third is worn, and the fourth there", w.Client, 0, 0)
		time.Sleep(30*time.Second + time.Millisecond)
		wantStreams(t, "the others have ended", w.Client, 0)
		w.calls(t, 148)
		w.wantDialled(t, "149 calls of the fourth connection", 4)
		time.Sleep(30 * time.Second)
		w.calls(t, 1)
		w.wantDialled(t, "after a minute", 5)
		w.calls(t, 1000)
		w.wantDialled(t, "1,001 calls of the fifth connection", 5)
	})
}

// Calls that are not sent are not counted.
func TestWhatIsNotSentDoesNotWear(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		w := newWorn(t, n, 150, connscale.Options{})
		for range 200 {
			wantError(t, "a call without its secret", unary(t.Context(), w, grpc.PerRPCCredentials(noSecret{})), codes.Unauthenticated, "no secret")
		}
		w.calls(t, 149-2)
		w.wantDialled(t, "149 calls of the second connection", 2)
		w.calls(t, 1)
		w.wantDialled(t, "one more", 3)
	})
}

// noSecret is a secret that cannot be fetched.
type noSecret struct{ slowSecret }

func (noSecret) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return nil, status.Error(codes.Unauthenticated, "no secret")
}

// lazy returns a stream that has been sent but has not received anything.
func lazy(t *testing.T, cc grpc.ClientConnInterface) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &stream{cancel: cancel}
	t.Cleanup(cancel)
	if err := s.send(ctx, cc); err != nil {
		t.Fatal(err)
	}
	return s
}

// If several connections refuse calls, others get as many as the first of them had
// taken.
func TestTheShortestLifetimeCounts(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		lives := []int{150, 200, 0, 0}
		server := n.serveFrames(t, "server", &frames{
			limits: []uint32{2}, answer: time.Millisecond, delay: 10 * time.Microsecond,
			life: func(number int) int { return lives[number] },
		})
		client := n.client(t, connscale.Options{})
		calls := func(n int) {
			t.Helper()
			for range n {
				if err := unary(t.Context(), client); err != nil {
					t.Fatal(err)
				}
			}
		}
		held := hold(t, client, 5)
		held[2].end()
		calls(199 - 2)                            // the second connection has had 199
		last := holdLater(t, t.Context(), client) // is the last one that it takes
		held[3].end()
		refused := lazy(t, client) // is not taken, and notices later
		time.Sleep(time.Second)
		last.wantBegun(t, "it was taken")
		last.end()
		held[0].end()
		held[1].end()
		calls(149 - 2) // the first connection has had 149
		two := []*later{holdLater(t, t.Context(), client), holdLater(t, t.Context(), client)}
		time.Sleep(time.Second)
		for _, l := range two {
			l.wantBegun(t, "one of them was refused")
			l.end()
		}
		if err := refused.stream.RecvMsg(&msg{}); err != nil {
			t.Fatal(err)
		}
		refused.end()
		if got := server.refused.Load(); got != 2 {
			t.Errorf("%d calls were refused, want 2", got)
		}
		calls(149 - 3) // the third connection has had 149: a stream, and two that were refused
		if got := len(n.dialled()); got != 3 {
			t.Errorf("%d connections were opened, want 3", got)
		}
		calls(1)
		if got := len(n.dialled()); got != 4 {
			t.Errorf("%d connections were opened, want 4", got)
		}
	})
}

// A waiting call gets another connection when the call before it wears one out, even at
// the maximum number.
func TestAConnectionIsWornWhileCallsWait(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		w := newWorn(t, n, 150, connscale.Options{MaxConnections: 2})
		w.calls(t, 137)
		hold(t, w, 9)
		hold(t, w, 10)
		wantStreams(t, "the second has had 148 calls", w.Client, 10, 10)
		first, second := holdLater(t, t.Context(), w), holdLater(t, t.Context(), w)
		wantWaiting(t, "all are full", w.Client, 2)
		w.stream.end()
		time.Sleep(time.Second)
		first.wantBegun(t, "there is room")
		second.wantBegun(t, "one is worn")
		wantStreams(t, "one is worn", w.Client, 10, 10, 1)
	})
}

// If a server refuses calls before it has taken a hundred, it has another reason.
func TestShortLifetimesAreNone(t *testing.T) {
	t.Parallel()
	for life, want := range map[int]int{100: 2, 101: 3} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				w := newWorn(t, n, life, connscale.Options{})
				w.calls(t, 500)
				if got := len(w.dialled()); (got > 2) != (want > 2) {
					t.Errorf("refused after %d calls: %d connections were opened", life, got)
				}
			})
		})
	}
}
