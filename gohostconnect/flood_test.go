package gohostconnect_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
)

// A server that sends without a pause learns immediately that its client has
// left.
func TestLeavingAFlood(t *testing.T) {
	t.Parallel()
	for _, w := range wires {
		for _, kind := range []string{"server streaming", "bidirectional"} {
			if kind == "bidirectional" && !w.bidi() {
				continue
			}
			t.Run(w.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				ended := make(chan time.Time, 1)
				flood := func(ctx context.Context) msgs {
					m := big(64 << 10)
					return func(yield func(*msg, error) bool) {
						for yield(proto.CloneOf(m), nil) {
						}
						<-ctx.Done()
						ended <- time.Now()
					}
				}
				s := w.serve(t, registering(fake{
					ranges:  func(ctx context.Context, _ *msg) msgs { return flood(ctx) },
					streams: func(ctx context.Context, _ msgs) msgs { return flood(ctx) },
				}))
				ctx := within(t)
				seq := s.stub.RangeSquare(ctx, num(1))
				if kind == "bidirectional" {
					seq = s.stub.StreamrangeSquare(ctx, func(yield func(*msg, error) bool) {
						for yield(num(1), nil) {
						}
					})
				}
				for _, err := range seq {
					if err != nil {
						t.Fatal(err)
					}
					break
				}
				left := time.Now()
				select {
				case at := <-ended:
					t.Logf("%v", at.Sub(left))
				case <-ctx.Done():
					t.Error("the handler continues")
				}
			})
		}
	}
}
