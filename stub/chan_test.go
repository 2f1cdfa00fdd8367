package stub_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

// ticking answers requests, and ticks once a minute, until a request is negative.
var ticking = fake{streams: func(ctx context.Context, reqs msgs) msgs {
	return func(yield func(*msg, error) bool) {
		requests := stream.ToChan(ctx, reqs)
		defer requests.Stop()
		ticker := time.NewTicker(time.Minute)
		defer ticker.Stop()
		for {
			select {
			case req, ok := <-requests.C:
				if !ok {
					if err := requests.Err(); err != nil {
						yield(nil, err)
					}
					return
				}
				if req.GetMessage() < 0 || !yield(req, nil) {
					return
				}
			case <-ticker.C:
				if !yield(num(0), nil) {
					return
				}
			}
		}
	}
}}

// A handler waits for its requests and for a clock. However it ends, its
// goroutine ends too.
func TestAHandlerSelectsItsRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reqs func(ctx context.Context, yield func(*msg, error) bool)
		want []float64
		code codes.Code
	}{
		"the half-close": {func(_ context.Context, yield func(*msg, error) bool) {
			_ = yield(num(1), nil)
			time.Sleep(150 * time.Second)
			_ = yield(num(2), nil)
		}, []float64{1, 0, 0, 2}, codes.OK},
		"the handler ends, and the client is silent": {func(ctx context.Context, yield func(*msg, error) bool) {
			_ = yield(num(1), nil) && yield(num(-1), nil)
			<-ctx.Done()
		}, []float64{1}, codes.OK},
		"the handler ends, and the client sends": {func(_ context.Context, yield func(*msg, error) bool) {
			_ = yield(num(-1), nil)
			for yield(num(2), nil) {
			}
		}, nil, codes.OK},
		"the client's deadline": {func(ctx context.Context, _ func(*msg, error) bool) { <-ctx.Done() }, []float64{0, 0}, codes.DeadlineExceeded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 170*time.Second)
				defer cancel()
				b := start(t, ticking)
				got, err := collect(stream.Scope(ctx, func(ctx context.Context) msgs {
					return b.stub.StreamrangeSquare(ctx, func(yield func(*msg, error) bool) { test.reqs(ctx, yield) })
				}))
				wantCode(t, err, test.code)
				if len(got) != len(test.want) {
					t.Fatalf("got %v, want %v", got, test.want)
				}
				for i := range got {
					if got[i] != test.want[i] {
						t.Errorf("got %v, want %v", got, test.want)
					}
				}
			})
		})
	}
}

// A client's call as a Chan ends with its context, or by Stop while it delivers
// a message. Not parallel: goroutines are counted.
func TestAChanLeavesNoGoroutine(t *testing.T) { //nolint:paralleltest // goroutines are counted
	silent, busy, handler := start(t, silent), start(t, responding(forever)), start(t, ticking)
	converse := func() {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		waits := stream.ToChan(ctx, silent.stub.RangeSquare(ctx, num(1)))
		yields := stream.ToChan(t.Context(), busy.stub.RangeSquare(t.Context(), num(1)))
		if res, ok := <-yields.C; !ok || res.GetMessage() != 1 {
			t.Errorf("got (%v, %v), want the first message", res, ok)
		}
		for range yields.C { // at least one more is in transit
			break
		}
		yields.Stop()
		if err := yields.Err(); err != stream.ErrLeft { //nolint:errorlint // it is the same
			t.Errorf("Err = %v, want ErrLeft", err)
		}
		cancel()
		for range waits.C {
			t.Error("a message of a silent server")
		}
		if waits.Err() == nil {
			t.Error("a canceled call has ended well")
		}
		waits.Stop()
		if _, err := collect(handler.stub.StreamrangeSquare(t.Context(), stream.Of(num(1), num(-1), num(2)))); err != nil {
			t.Error(err)
		}
	}
	converse()
	before := runtime.NumGoroutine()
	const times = 50
	for range times {
		converse()
	}
	// Connections that are being made also have goroutines.
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before+times/2; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before %d conversations", runtime.NumGoroutine(), before, times)
		}
	}
}

// Responses ranges the conversation itself: leaving the loop does not end it.
func TestResponsesOfAConversation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), start(t, squarer).stub.StreamrangeSquare)
		defer c.Close()
		for i := 1; i <= 2; i++ {
			if err := c.Send(num(float64(i))); err != nil {
				t.Fatal(err)
			}
			for res, err := range c.Responses() {
				if err != nil || res.GetMessage() != float64(i*i) {
					t.Fatalf("got (%v, %v), want %d", res, err, i*i)
				}
				break
			}
		}
		_ = c.Send(num(3))
		c.CloseSend()
		for _, want := range []int{1, 0, 0} { // and then nothing, each time
			if got, err := collect(c.Responses()); len(got) != want || err != nil {
				t.Errorf("got (%v, %v), want %d responses", got, err, want)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), start(t, answersThenFails).stub.StreamrangeSquare)
		defer c.Close()
		_, _ = c.Send(num(1)), c.Send(num(2))
		for _, want := range []int{1, 0, 0} { // and then the error, each time
			got, err := collect(c.Responses())
			if wantCode(t, err, codes.Aborted); len(got) != want {
				t.Errorf("got %v, want %d responses", got, want)
			}
		}
		yields := 0
		c.Responses()(func(*msg, error) bool { yields++; return true })
		if yields != 1 {
			t.Errorf("%d errors, want one", yields)
		}
	})
}
