package drain_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// Age ends a stream like the end of the server does, and the server continues.
func TestMaxAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const age = time.Minute
		w := serve(t, drain.Options{Grace: grace, MaxAge: age}, fake{
			ranges: func(ctx context.Context, req *msg) msgs {
				return func(yield func(*msg, error) bool) {
					asked := make(chan time.Time, 1)
					go func() {
						<-drain.Done(ctx)
						asked <- time.Now()
					}()
					endless(ctx, req)(yield)
					if cut := time.Since(<-asked); cut != grace {
						t.Errorf("cut %v after the asking, want %v", cut, grace)
					}
					if cause := context.Cause(ctx); cause != drain.ErrReopen { //nolint:errorlint // it is not wrapped
						t.Errorf("the context of a handler has ended by %v", cause)
					}
				}
			},
			sum: func(_ context.Context, reqs msgs) (*msg, error) {
				for _, err := range reqs {
					return nil, err
				}
				return nil, status.Error(codes.Internal, "the requests have ended")
			},
			streams: func(ctx context.Context, _ msgs) msgs {
				return endless(drain.Context(ctx), num(1))
			},
			square: func(context.Context, *msg) (*msg, error) { time.Sleep(2 * age); return num(1), nil },
		})
		service := w.dial(t)
		unary := make(chan error, 1)
		go func() { _, err := service.Square(t.Context(), num(1)); unary <- err }()
		began := time.Now()
		seen := make(map[time.Duration]bool)
		const streams = 20
		for range streams {
			_, asked := ended(service.StreamrangeSquare(t.Context(), func(func(*msg, error) bool) {}))
			wantReopen(t, "asked", <-asked)
			took := time.Since(began)
			if took < age*9/10 || took > age*11/10 {
				t.Errorf("asked after %v", took)
			}
			seen[took] = true
			began = time.Now()
		}
		if len(seen) < streams/2 {
			t.Errorf("no jitter: %v", seen)
		}
		_, cut := ended(service.RangeSquare(t.Context(), num(1)))
		wantReopen(t, "cut", <-cut)
		if took := time.Since(began); took < age*9/10+grace || took > age*11/10+grace {
			t.Errorf("cut after %v", took)
		}
		// A handler that waits for requests is woken a moment later.
		began = time.Now()
		_, err := service.SumSquare(t.Context(), func(func(*msg, error) bool) { <-t.Context().Done() })
		wantReopen(t, "sum", err)
		if took := time.Since(began); took < age*9/10+grace || took > age*11/10+grace+200*time.Millisecond {
			t.Errorf("woken after %v", took)
		}
		wantCode(t, "unary", <-unary, codes.OK)
	})
}
