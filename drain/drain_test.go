package drain_test

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/testdata/squares"
)

const grace = 5 * time.Second

// Streams of all kinds that continue, wherever their handlers wait, end with
// ErrReopen when the grace is over. The server ends with them.
func TestStreamsThatGoOnAreEndedAfterTheGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		parked := func(_ context.Context, reqs msgs) (*msg, error) {
			for _, err := range reqs { // in RecvMsg
				if err != nil {
					return nil, err
				}
			}
			return num(0), nil
		}
		w := serve(t, drain.Options{Grace: grace}, fake{
			ranges: endless,
			sum:    parked,
			streams: func(ctx context.Context, reqs msgs) msgs {
				return func(yield func(*msg, error) bool) {
					if !yield(num(1), nil) {
						return
					}
					_, err := parked(ctx, reqs)
					yield(nil, err)
				}
			},
			square: func(ctx context.Context, _ *msg) (*msg, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
		})
		service := w.dial(t)
		silent := func(yield func(*msg, error) bool) { _ = yield(num(1), nil) && yield(num(2), nil); <-w.served }
		ranged, rangedEnd := ended(service.RangeSquare(t.Context(), num(1)))
		streamed, streamedEnd := ended(service.StreamrangeSquare(t.Context(), silent))
		errs := map[string]chan error{"sum": make(chan error, 1), "square": make(chan error, 1)}
		go func() { _, err := service.SumSquare(t.Context(), silent); errs["sum"] <- err }()
		go func() { _, err := service.Square(t.Context(), num(1)); errs["square"] <- err }()
		<-ranged
		<-streamed
		synctest.Wait()
		w.end()
		wantReopen(t, "range", <-rangedEnd)
		wantReopen(t, "stream", <-streamedEnd)
		for what, err := range errs {
			wantReopen(t, what, <-err)
		}
		w.wantEnd(t, grace, grace+200*time.Millisecond)
	})
}

// Calls that end by themselves during the grace are not cut. When they have
// ended, the server does not wait any longer.
func TestCallsThatEndAreNotCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, drain.Options{Grace: grace}, fake{
			square: func(context.Context, *msg) (*msg, error) { time.Sleep(grace / 2); return num(1), nil },
			ranges: func(context.Context, *msg) msgs {
				return func(yield func(*msg, error) bool) {
					for i := range 4 {
						time.Sleep(grace / 5)
						if !yield(num(float64(i)), nil) {
							t.Error("the stream was cut")
							return
						}
					}
				}
			},
			sum: func(_ context.Context, reqs msgs) (*msg, error) {
				n := 0.0
				for _, err := range reqs {
					if err != nil {
						return nil, err
					}
					n++
				}
				return num(n), nil
			},
		})
		service := w.dial(t)
		results := make(chan error, 2)
		go func() { _, err := service.Square(t.Context(), num(1)); results <- err }()
		go func() {
			res, err := service.SumSquare(t.Context(), func(yield func(*msg, error) bool) {
				for range 4 {
					time.Sleep(grace / 6)
					if !yield(num(1), nil) {
						t.Error("the requests were cut")
						return
					}
				}
			})
			if res.GetMessage() != 4 {
				t.Errorf("%v requests arrived", res.GetMessage())
			}
			results <- err
		}()
		time.AfterFunc(time.Millisecond, w.end)
		for _, err := range service.RangeSquare(t.Context(), num(1)) {
			wantCode(t, "range", err, codes.OK)
		}
		for range 2 {
			wantCode(t, "a call", <-results, codes.OK)
		}
		w.wantEnd(t, grace/2, grace-1)
	})
}

// A server without calls ends immediately, and so does one whose clients are
// idle.
func TestAnIdleServerEndsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, drain.Options{}, fake{square: func(context.Context, *msg) (*msg, error) { return num(1), nil }})
		service := w.dial(t)
		if _, err := service.Square(t.Context(), num(1)); err != nil {
			t.Fatal(err)
		}
		w.end()
		w.wantEnd(t, 0, 0)
	})
}

// A handler that is asked to end may send its last message, and choose its own
// end.
func TestHandlersAreAsked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end    error
		reopen bool
	}{"well": {nil, false}, "to be opened again": {drain.ErrReopen, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := serve(t, drain.Options{Grace: grace}, fake{ranges: func(ctx context.Context, _ *msg) msgs {
					return func(yield func(*msg, error) bool) {
						if !yield(num(1), nil) {
							return
						}
						<-drain.Done(ctx)
						if ctx.Err() != nil {
							t.Error("the context has ended with the asking")
						}
						if yield(num(2), nil) && test.end != nil {
							yield(nil, test.end)
						}
					}
				}})
				last := 0.0
				for res, err := range w.dial(t).RangeSquare(t.Context(), num(1)) {
					if err != nil && test.reopen {
						wantReopen(t, "range", err)
					} else {
						wantCode(t, "range", err, codes.OK)
						last = res.GetMessage()
					}
					w.end()
				}
				if last != 2 {
					t.Errorf("the last message was %v", last)
				}
				w.wantEnd(t, 0, 0)
			})
		})
	}
}

// A handler that uses only drain.Context ends with ErrReopen when it is asked
// to end.
func TestAContextThatEndsWithTheAsking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, drain.Options{Grace: grace}, fake{
			ranges: func(ctx context.Context, req *msg) msgs { return endless(drain.Context(ctx), req) },
			square: func(ctx context.Context, _ *msg) (*msg, error) {
				<-drain.Context(ctx).Done()
				return nil, context.Canceled
			},
		})
		service := w.dial(t)
		unary := make(chan error, 1)
		go func() { _, err := service.Square(t.Context(), num(1)); unary <- err }()
		synctest.Wait()
		for _, err := range service.RangeSquare(t.Context(), num(1)) {
			if err != nil {
				wantReopen(t, "range", err)
			}
			w.end()
		}
		wantReopen(t, "square", <-unary)
		w.wantEnd(t, 0, 0)
	})
}

// Other ends of a call keep their status.
func TestOtherEndsKeepTheirStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handlerEnds := make(chan error, 1)
		w := serve(t, drain.Options{Grace: grace}, fake{
			ranges: func(ctx context.Context, req *msg) msgs {
				return func(yield func(*msg, error) bool) {
					endless(drain.Context(ctx), req)(yield)
					handlerEnds <- context.Cause(ctx)
				}
			},
			square: func(ctx context.Context, _ *msg) (*msg, error) {
				<-ctx.Done()
				return nil, status.Error(codes.DataLoss, "the handler's own")
			},
			streams: func(ctx context.Context, _ msgs) msgs {
				return func(yield func(*msg, error) bool) { yield(nil, status.Error(codes.Canceled, "by the handler")) }
			},
		})
		service := w.dial(t)
		for _, err := range service.RangeSquare(t.Context(), num(1)) {
			wantCode(t, "range", err, codes.OK)
			break // the client leaves
		}
		if cause := <-handlerEnds; cause == drain.ErrReopen { //nolint:errorlint // it is not wrapped
			t.Error("the client has left, and the cause is ErrReopen")
		}
		for _, err := range service.StreamrangeSquare(t.Context(), func(func(*msg, error) bool) {}) {
			wantCode(t, "stream", err, codes.Canceled)
		}
		unary := make(chan error, 1)
		go func() { _, err := service.Square(t.Context(), num(1)); unary <- err }()
		synctest.Wait()
		w.end()
		wantCode(t, "square", <-unary, codes.DataLoss)
	})
}

// First the health service says NOT_SERVING, and everything continues for the
// lame-duck time.
func TestALameDuckServes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		checks := health.NewServer()
		server := drain.NewServer(insecure.NewCredentials(), drain.Options{LameDuck: 3 * time.Second, Grace: grace, Health: checks})
		healthpb.RegisterHealthServer(server, checks)
		squares.RegisterSquareService(server, fake{square: func(context.Context, *msg) (*msg, error) { return num(1), nil }})
		w := start(t, server)
		conn := inmemory.Dial(t, w.listener)
		watch, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		res, err := watch.Recv()
		if err != nil || res.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			t.Fatalf("health %v, %v", res, err)
		}
		w.end()
		if res, err = watch.Recv(); err != nil || res.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING {
			t.Errorf("health %v, %v", res, err)
		}
		time.Sleep(2 * time.Second)
		if _, err := w.dial(t).Square(t.Context(), num(1)); err != nil { // over a new connection
			t.Error(err)
		}
		// The health watch is endless, and does not hold up the server.
		_, err = watch.Recv()
		wantReopen(t, "watch", err)
		w.wantEnd(t, 3*time.Second, 3*time.Second)
	})
}

// A client that is told to open its stream again must not come back to the
// server that ends: GOAWAY arrives first (grpc-go#6830).
func TestGoAwayComesBeforeTheEndOfStreams(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		impl := fake{ranges: func(ctx context.Context, req *msg) msgs { return endless(drain.Context(ctx), req) }}
		w := serve(t, drain.Options{Grace: grace}, impl)
		next := serve(t, drain.Options{}, impl)
		listeners := []*world{w, next}
		dialed := 0
		service := squares.NewSquareServiceStub(inmemory.Dial(t, w.listener, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			dialed++
			return listeners[min(dialed, 2)-1].listener.DialContext(ctx)
		})))
		const streams = 200
		ends := make(chan error, streams)
		for range streams {
			begun, end := ended(service.RangeSquare(t.Context(), num(1)))
			<-begun
			go func() {
				wantReopen(t, "range", <-end)
				for res, err := range service.With(grpc.WaitForReady(true)).RangeSquare(t.Context(), num(2)) {
					if err == nil && res.GetMessage() != 2 {
						t.Error("another message")
					}
					ends <- err
					return
				}
			}()
		}
		// An unfinished handshake delays GOAWAY, so that the order is not left to chance.
		silent, err := w.listener.DialContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close() //nolint:errcheck // nothing was said
		synctest.Wait()
		w.end()
		for range streams {
			wantCode(t, "the second try", <-ends, codes.OK)
		}
		if dialed != 2 {
			t.Errorf("%d connections", dialed)
		}
		w.wantEnd(t, 0, time.Second)
	})
}

// When some calls end, the server still knows the others.
func TestCallsComeAndGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, drain.Options{Grace: grace}, fake{ranges: func(ctx context.Context, req *msg) msgs {
			return endless(drain.Context(ctx), req)
		}})
		service := w.dial(t)
		ctx := make([]context.Context, 4)
		leave := make([]context.CancelFunc, 4)
		ends := make([]<-chan error, 4)
		for i := range ctx {
			var begun <-chan struct{}
			ctx[i], leave[i] = context.WithCancel(t.Context())
			defer leave[i]()
			begun, ends[i] = ended(service.RangeSquare(ctx[i], num(1)))
			<-begun
		}
		for _, i := range []int{2, 1} {
			leave[i]()
			wantCode(t, "left", <-ends[i], codes.Canceled)
			synctest.Wait()
		}
		w.end()
		for _, i := range []int{0, 3} {
			wantReopen(t, "range", <-ends[i])
		}
		w.wantEnd(t, 0, 0)
	})
}

// A handler of any generator that returns nil because its context has ended has
// not sent everything: its stream ends with an error.
func TestAPartOfAStreamIsNotAllOfIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, drain.Options{Grace: grace}, fake{ranges: endless}, grpc.ChainStreamInterceptor(
			func(_ any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, _ grpc.StreamHandler) error {
				if err := ss.SendMsg(num(1)); err != nil {
					return err
				}
				<-ss.Context().Done()
				return nil
			}))
		begun, end := ended(w.dial(t).RangeSquare(t.Context(), num(1)))
		<-begun
		w.end()
		wantReopen(t, "range", <-end)
	})
}
