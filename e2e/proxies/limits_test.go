package proxies

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// silent are the codes of calls in which one side is silent for longer than the proxy
// allows. In busy calls the client continues to send.
type silent struct {
	backend, client, both codes.Code
	busy                  []codes.Code // which one depends on a race
}

// testSilence makes calls that are silent for a while.
func testSilence(t *testing.T, p *proxy, changes []change, want silent) {
	t.Helper()
	w := start(t, p, changes...)
	c := newClient(w, w.dial(t))
	thenMore := func(yield func(*squares.Message, error) bool) {
		if yield(&squares.Message{Message: 1}, nil) {
			time.Sleep(silence)
			yield(&squares.Message{Message: 2}, nil)
		}
	}
	var calls sync.WaitGroup
	check := func(what string, want []codes.Code, call func() error) {
		calls.Go(func() {
			err := call()
			seen(t, fmt.Sprintf("%s: %v", what, status.Code(err)))
			checkCode(t, what, err, want...)
		})
	}
	busy := want.busy
	if busy == nil {
		busy = only(codes.OK)
	}
	check("silent backend", only(want.backend), func() error {
		_, err := stream.Collect(c.other.RangeSquare(brief(t), &squares.Message{Message: pause}))
		return err
	})
	check("silent client", only(want.client), func() error {
		_, err := c.other.SumSquare(brief(t), thenMore)
		return err
	})
	check("both", only(want.both), func() error {
		_, err := stream.Collect(c.other.StreamrangeSquare(brief(t), thenMore))
		return err
	})
	check("busy client", busy, func() error {
		_, err := c.other.SumSquare(brief(t), func(yield func(*squares.Message, error) bool) {
			for range 20 {
				if !yield(&squares.Message{Message: 1}, nil) {
					return
				}
				time.Sleep(silence / 20)
			}
		})
		return err
	})
	calls.Wait()
	if _, err := c.square.Square(brief(t), &squares.Message{}); err != nil {
		t.Errorf("a call after them, on the same connection: %v", err)
	}
}

// testFullConnection opens as many calls as a connection may have, and another one.
func testFullConnection(t *testing.T, p *proxy, changes []change, limit int) {
	t.Helper()
	w := start(t, p, changes...)
	c := newClient(w, w.dial(t))
	release := c.fill(t, limit)

	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := c.square.Square(ctx, &squares.Message{})
	checkCode(t, "one call more, with a deadline", err, codes.DeadlineExceeded)
	seen(t, fmt.Sprintf("call %d: %v", limit+1, err))

	second := newClient(w, w.dial(t))
	if _, err := second.square.Square(brief(t), &squares.Message{}); err != nil {
		t.Errorf("a call on another connection: %v", err)
	}

	waiting := make(chan error, 1)
	go func() {
		_, err := c.square.Square(brief(t), &squares.Message{})
		waiting <- err
	}()
	release()
	if err := <-waiting; err != nil {
		t.Errorf("a call that waited for another to end: %v", err)
	}
}

// testRoom opens more calls than the proxy allows by default.
func testRoom(t *testing.T, p *proxy) {
	t.Helper()
	w := start(t, p)
	c := newClient(w, w.dial(t))
	const calls = 600
	release := c.fill(t, calls)
	if _, err := c.square.Square(brief(t), &squares.Message{}); err != nil {
		t.Error(err)
	}
	release()
	seen(t, fmt.Sprintf("%d open calls and one more", calls))
}

// fill opens calls that stay open until release is called for one of them, or the test
// ends. It fails if one of them has to wait.
func (c *client) fill(t *testing.T, calls int) (release func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	late := time.AfterFunc(10*time.Second, cancel)
	defer late.Stop()
	var stops []func()
	for range calls {
		next, stop := iter.Pull2(c.other.RangeSquare(ctx, &squares.Message{Message: hold}))
		t.Cleanup(stop)
		stops = append(stops, stop)
		if _, err, _ := next(); err != nil {
			t.Fatalf("call %d: %v", len(stops), err)
		}
	}
	return stops[0]
}

// testIdleConnection makes a call on a connection that has been idle for a while. The
// proxy has closed it, and grpc opens another. No call fails.
func testIdleConnection(t *testing.T, p *proxy) {
	t.Helper()
	w := start(t, p, p.idle...)
	c := newClient(w, w.dial(t))
	for _, pause := range []time.Duration{0, silence} {
		time.Sleep(pause)
		if _, err := c.square.Square(brief(t), &squares.Message{}); err != nil {
			t.Error(err)
		}
	}
	if n := c.connections(t, 2); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

// connections waits until the proxy has logged a number of calls, and returns the
// number of their connections.
func (w *world) connections(t *testing.T, calls int) int {
	t.Helper()
	clients := make(map[string]bool)
	proc.Wait(t, "the access log", func() bool {
		log := w.accessLog(t)
		for _, call := range log {
			clients[call.client] = true
		}
		return len(log) == calls
	})
	return len(clients)
}

// testCallsOfConnection makes many calls. nginx closes a connection after its maximum
// number of calls, and grpc opens another. No call fails.
func testCallsOfConnection(t *testing.T, p *proxy, changes []change, calls int, onOne bool) {
	t.Helper()
	w := start(t, p, changes...)
	c := newClient(w, w.dial(t))
	for range calls {
		if _, err := c.square.Square(brief(t), &squares.Message{}); err != nil {
			t.Fatal(err)
		}
	}
	connections := c.connections(t, calls)
	seen(t, fmt.Sprintf("%d calls on %d connections", calls, connections))
	if got := connections == 1; got != onOne {
		t.Errorf("one connection: %v, want %v", got, onOne)
	}
}
