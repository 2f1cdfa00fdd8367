package proxies

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// many is the number of requests that are still on their way when a call ends. With no
// limit at all, Traefik and Caddy sometimes reset the connection: docs/proxies.md.
const many = 500

// testClientBreaks leaves calls whose handlers would never end.
func testClientBreaks(t *testing.T, c *client) {
	t.Helper()
	for range 2 { // the first may leave something on the connection
		for res, err := range c.other.RangeSquare(brief(t), &squares.Message{Message: hold}) {
			if err != nil {
				t.Fatalf("%v, %v", res, err)
			}
			proc.Wait(t, "the handler to hold", func() bool { return c.holding() == 1 })
			break
		}
		c.waitReleased(t)

		stopped := make(chan struct{})
		requests := func(yield func(*squares.Message, error) bool) {
			defer close(stopped)
			for range many {
				if !yield(&squares.Message{Message: 2}, nil) {
					return
				}
			}
		}
		for _, err := range c.other.StreamrangeSquare(brief(t), requests) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		<-stopped
	}
	for _, call := range c.holdingCalls() {
		ctx, cancel := context.WithCancel(brief(t))
		ended := make(chan error, 1)
		go func() { ended <- call.run(ctx, func() {}) }()
		proc.Wait(t, "the handler to hold", func() bool { return c.holding() == 1 })
		cancel()
		// A producer that watches the context may be the first to say so.
		if err := <-ended; status.Code(err) != codes.Canceled && !errors.Is(err, context.Canceled) {
			t.Errorf("%s, canceled: %v", call.kind, err)
		}
		c.waitReleased(t)
	}
}

// holdingCall is a call that lasts until its context is done. run calls begun when a
// response has arrived, and returns the error of the call.
type holdingCall struct {
	kind   string
	begins bool // its response
	run    func(ctx context.Context, begun func()) error
}

// receive ranges over seq, calls begun for each message, and returns the error.
func receive(seq iter.Seq2[*squares.Message, error], begun func()) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
		begun()
	}
	return nil
}

// holdingCalls returns calls to the other host, one of each kind.
func (c *client) holdingCalls() []holdingCall {
	req := &squares.Message{Message: hold}
	return []holdingCall{
		{"unary", false, func(ctx context.Context, _ func()) error {
			_, err := c.other.Square(ctx, req)
			return err
		}},
		{"server streaming", true, func(ctx context.Context, begun func()) error {
			return receive(c.other.RangeSquare(ctx, req), begun)
		}},
		{"client streaming", false, func(ctx context.Context, _ func()) error {
			_, err := c.other.SumSquare(ctx, stream.Of(&squares.Message{Message: 1}, req))
			return err
		}},
		{"bidirectional streaming", true, func(ctx context.Context, begun func()) error {
			return receive(c.other.StreamrangeSquare(ctx, thenSilence(ctx, 1, hold)), begun)
		}},
	}
}

// thenSilence yields numbers, and then waits until ctx is done.
func thenSilence(ctx context.Context, values ...float64) iter.Seq2[*squares.Message, error] {
	ch := make(chan *squares.Message, len(values))
	for _, v := range values {
		ch <- &squares.Message{Message: v}
	}
	return stream.FromChan(ctx, ch)
}

// testHandlerReturnsEarly makes calls whose handlers return, with an answer or an
// error, while the client is still sending.
func testHandlerReturnsEarly(t *testing.T, c *client) {
	t.Helper()
	for range 5 { // the result may depend on a race
		for _, test := range []struct {
			last float64
			code codes.Code
		}{{enough, codes.OK}, {refuse, codes.ResourceExhausted}} {
			stopped := make(chan struct{}, 2)
			flood := func(yield func(*squares.Message, error) bool) {
				defer func() { stopped <- struct{}{} }()
				if !yield(&squares.Message{Message: 3}, nil) {
					return
				}
				for range many {
					if !yield(&squares.Message{Message: test.last}, nil) {
						return
					}
				}
			}
			res, err := c.other.SumSquare(brief(t), flood)
			checkCode(t, "client streaming", err, test.code)
			if err == nil && res.GetMessage() != 9 {
				t.Errorf("SumSquare(3, enough…) = %v", res)
			}
			<-stopped

			got, err := stream.Collect(c.other.StreamrangeSquare(brief(t), flood))
			checkCode(t, "bidirectional", err, test.code)
			if len(got) != 1 || got[0].GetMessage() != 9 {
				t.Errorf("StreamrangeSquare(3, …) = %v", got)
			}
			<-stopped

			ctx, cancel := context.WithCancel(brief(t))
			got, err = stream.Collect(c.other.StreamrangeSquare(ctx, thenSilence(ctx, 3, test.last)))
			checkCode(t, "bidirectional, a client that neither sends nor half-closes", err, test.code)
			if len(got) != 1 || got[0].GetMessage() != 9 {
				t.Errorf("StreamrangeSquare(3, …) = %v", got)
			}
			cancel()
		}
	}
}

// testBackendDies kills a backend in the middle of calls of each kind, and restarts it.
// A stream to another backend, on the same connection, must survive.
func testBackendDies(t *testing.T, p *proxy) {
	t.Helper()
	backend, addr := startKillable(t)
	w := start(t, p, change{"127.0.0.1:50053", addr})
	c := newClient(w, w.dial(t))

	requests := make(chan *squares.Message, 1)
	ctx, cancel := context.WithCancel(brief(t))
	defer cancel()
	next, stop := iter.Pull2(c.square.StreamrangeSquare(ctx, stream.FromChan(ctx, requests)))
	defer stop()
	answers := func() {
		t.Helper()
		requests <- &squares.Message{Message: 5}
		if res, err, ok := next(); err != nil || res.GetMessage() != 25 {
			t.Fatalf("the stream to another backend: %v, %v, %v", res, err, ok)
		}
	}
	answers()

	calls := c.holdingCalls()
	ended := make([]chan error, len(calls))
	var begun atomic.Int32
	begins := int32(0)
	for i, call := range calls {
		ended[i] = make(chan error, 1)
		if call.begins {
			begins++
		}
		go func() { ended[i] <- call.run(brief(t), func() { begun.Add(1) }) }()
	}
	proc.Wait(t, "the handlers to hold", func() bool {
		return strings.Count(backend.Output(), "holding") == len(calls)
	})
	// The proxy may still hold what the backend has sent by then.
	proc.Wait(t, "the responses to begin", func() bool { return begun.Load() == begins })
	backend.Kill()
	killed := time.Now()
	for i, call := range calls {
		err := p.whenEnded(ended[i], answers)
		seen(t, fmt.Sprintf("%s: %v", call.kind, err))
		want := p.seen.dies.before
		if call.begins {
			want = only(p.seen.dies.after)
		}
		checkCode(t, call.kind, err, want...)
		if !stream.Resumable(err) {
			t.Errorf("%s: %v: stream.Resume does not continue", call.kind, err)
		}
	}
	if took := time.Since(killed); took > 5*time.Second {
		t.Errorf("the calls ended after %v", took)
	}
	answers()

	_, err := c.other.Square(brief(t), &squares.Message{Message: 1})
	checkCode(t, "a call when the backend is dead", err, codes.Unavailable)
	seen(t, fmt.Sprintf("dead: %v", err))
	if says := "no backend answers for host other.example"; p.answers() && !strings.Contains(fmt.Sprint(err), "desc = "+says) {
		t.Errorf("%v: this is not the generated status", err)
	}
	startAgain(t, addr)
	_, err = c.other.Square(brief(t), &squares.Message{Message: 1})
	checkCode(t, "a call when the backend is there again", err, codes.OK)
	answers()
}

// whenEnded returns the result from ended. If the proxy may delay it, other calls are
// made in the meantime.
func (p *proxy) whenEnded(ended <-chan error, others func()) error {
	for p.seen.delays {
		select {
		case err := <-ended:
			return err
		case <-time.After(100 * time.Millisecond):
			others()
		}
	}
	return <-ended
}

// testRepetition kills a backend that has answered nothing yet, and restarts it
// immediately. If a proxy refuses such a call (REFUSED_STREAM), grpc sends it again by
// itself, and the handler runs twice.
func testRepetition(t *testing.T, p *proxy) {
	t.Helper()
	backend, addr := startKillable(t)
	w := start(t, p, change{"127.0.0.1:50053", addr})
	c := newClient(w, w.dial(t))
	if _, err := c.other.Square(brief(t), &squares.Message{Message: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(brief(t))
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := c.other.Square(ctx, &squares.Message{Message: hold})
		ended <- err
	}()
	held := func(backend *proc.Process) func() bool {
		return func() bool { return strings.Contains(backend.Output(), "holding") }
	}
	proc.Wait(t, "the handler to hold", held(backend))
	backend.Kill()
	again := startAgain(t, addr)
	if p.seen.repeats {
		proc.Wait(t, "the handler to hold again", held(again))
		cancel()
	}
	err := <-ended
	seen(t, fmt.Sprintf("run twice: %v", held(again)()))
	if held(again)() != p.seen.repeats {
		t.Errorf("the handler runs again: %v, want %v", !p.seen.repeats, p.seen.repeats)
	}
	if !p.seen.repeats {
		checkCode(t, "the call", err, p.seen.dies.before...)
	}
}
