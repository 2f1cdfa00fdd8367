package drain_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// A call that a client opens while the server ends is asked to end immediately,
// and cut with the others.
func TestCallsDuringTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := make(chan struct{})
		w := serve(t, drain.Options{Grace: grace}, fake{
			ranges: endless,
			square: func(ctx context.Context, _ *msg) (*msg, error) {
				select {
				case <-drain.Done(ctx):
				case <-time.After(time.Second):
					t.Error("not asked")
				}
				return num(1), nil
			},
		}, grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			<-slow
			return handler(ctx, req)
		}))
		service := w.dial(t)
		begun, end := ended(service.RangeSquare(t.Context(), num(1)))
		<-begun
		result := make(chan error, 1)
		go func() { _, err := service.Square(t.Context(), num(1)); result <- err }()
		synctest.Wait()
		w.end()
		synctest.Wait()
		close(slow)
		wantCode(t, "square", <-result, codes.OK)
		wantReopen(t, "range", <-end)
		w.wantEnd(t, grace, grace)
	})
}

// A handler that ignores everything does not hold up the end.
func TestAHandlerThatIgnoresItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		w := serve(t, drain.Options{Grace: grace}, fake{ranges: func(context.Context, *msg) msgs {
			return func(func(*msg, error) bool) { <-release }
		}})
		_, end := ended(w.dial(t).RangeSquare(t.Context(), num(1)))
		synctest.Wait()
		w.end()
		wantCode(t, "range", <-end, codes.Unavailable)
		w.wantEnd(t, grace, grace+time.Second-1)
	})
}

// Nor does a client that does not read, so that a handler waits in yield.
func TestAClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handlerEnds := make(chan struct{})
		open := connections(1)
		w := serve(t, drain.Options{Grace: grace}, fake{ranges: func(ctx context.Context, _ *msg) msgs {
			return func(yield func(*msg, error) bool) {
				defer close(handlerEnds)
				for yield(num(1), nil) {
				}
			}
		}}, grpc.StatsHandler(&open))
		for _, err := range w.dial(t).RangeSquare(t.Context(), num(1)) {
			wantCode(t, "range", err, codes.OK)
			synctest.Wait() // until the windows are full
			w.end()
			<-handlerEnds
			w.wantEnd(t, grace, grace+time.Second-1)
			synctest.Wait()
			if n := atomic.LoadInt64((*int64)(&open)); n != 0 {
				t.Error("the connection is left open")
			}
			break
		}
	})
}

// connections counts open connections.
type connections int64

func (c *connections) HandleConn(_ context.Context, s stats.ConnStats) {
	if _, ok := s.(*stats.ConnEnd); ok {
		atomic.AddInt64((*int64)(c), -1)
	}
}
func (*connections) HandleRPC(context.Context, stats.RPCStats)                         {}
func (*connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (*connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// A negative grace means none; zero means ten seconds.
func TestGraceOfOptions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ grace, want time.Duration }{
		"none": {-1, 0}, "default": {0, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := serve(t, drain.Options{Grace: test.grace}, fake{ranges: endless})
				begun, end := ended(w.dial(t).RangeSquare(t.Context(), num(1)))
				<-begun
				w.end()
				wantReopen(t, "range", <-end)
				w.wantEnd(t, test.want, test.want)
			})
		})
	}
}

// Without a server of this package, handlers are never asked to end.
func TestWithoutAServer(t *testing.T) {
	t.Parallel()
	if drain.Done(t.Context()) != nil {
		t.Error("Done is not nil")
	}
	if drain.Context(t.Context()) != t.Context() {
		t.Error("Context is another one")
	}
}
