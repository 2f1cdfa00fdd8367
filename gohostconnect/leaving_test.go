package gohostconnect_test

import (
	"context"
	"testing"
	"time"
)

// A handler that only waits learns that its client has left. docs/wires.md states the
// exception: over HTTP/1.1, a handler whose client streams learns it when it receives.
func TestLeavingAWaitingHandler(t *testing.T) {
	t.Parallel()
	for _, w := range wires {
		for _, kind := range []string{"unary", "server streaming", "client streaming", "bidirectional"} {
			if kind == "bidirectional" && !w.bidi() {
				continue
			}
			t.Run(w.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				began, ended := make(chan struct{}), make(chan struct{})
				stop, left := make(chan struct{}), make(chan struct{})
				defer close(stop)
				late := w.major == 1 && kind == "client streaming"
				wait := func(ctx context.Context) error {
					close(began)
					select {
					case <-ctx.Done():
						close(ended)
					case <-stop:
					}
					return ctx.Err()
				}
				waits := func(ctx context.Context) msgs {
					return func(yield func(*msg, error) bool) { yield(nil, wait(ctx)) }
				}
				s := w.serve(t, registering(fake{
					square: func(ctx context.Context, _ *msg) (*msg, error) { return nil, wait(ctx) },
					ranges: func(ctx context.Context, _ *msg) msgs { return waits(ctx) },
					sum: func(ctx context.Context, reqs msgs) (*msg, error) {
						if !late {
							return nil, wait(ctx)
						}
						close(began)
						<-left
						select {
						case <-ctx.Done():
							t.Error("the handler has learnt it before it received: say so in docs/wires.md")
						case <-time.After(300 * time.Millisecond):
						}
						for _, err := range reqs {
							_ = err // it only reads to the end
						}
						<-ctx.Done()
						close(ended)
						return nil, ctx.Err()
					},
					streams: func(ctx context.Context, _ msgs) msgs { return waits(ctx) },
				}))
				ctx, leave := context.WithCancel(within(t))
				defer leave()
				reqs := func(yield func(*msg, error) bool) {
					yield(num(1), nil)
					<-ctx.Done()
				}
				returned := make(chan struct{})
				go func() {
					defer close(returned)
					switch kind {
					case "unary":
						_, _ = s.stub.Square(ctx, num(1))
					case "server streaming":
						for _, err := range s.stub.RangeSquare(ctx, num(1)) {
							_ = err // it only waits
						}
					case "client streaming":
						_, _ = s.stub.SumSquare(ctx, reqs)
					default:
						for _, err := range s.stub.StreamrangeSquare(ctx, reqs) {
							_ = err // it only waits
						}
					}
				}()
				<-began
				leave()
				<-returned
				close(left)
				select {
				case <-ended:
				case <-time.After(5 * time.Second):
					t.Error("the handler continues")
				}
			})
		}
	}
}
