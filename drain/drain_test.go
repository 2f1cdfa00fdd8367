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

// Streams of all kinds that go on, wherever their handlers wait, end with
// ErrReopen when the grace is over, and the server with them.
func TestStreamsThatGoOnAreEndedAfterTheGrace(t *testing.T) {
	inBubble(t, func(t *testing.T) {
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

// The grace is for calls that end by themselves, of which none is cut; when
// they have, the server does not wait any longer.
func TestCallsThatEndAreNotCut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
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

// A server without calls ends at once, and so does one whose clients are idle.
func TestAnIdleServerEndsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := serve(t, drain.Options{}, fake{square: func(context.Context, *msg) (*msg, error) { return num(1), nil }})
		service := w.dial(t)
		if _, err := service.Square(t.Context(), num(1)); err != nil {
			t.Fatal(err)
		}
		w.end()
		w.wantEnd(t, 0, 0)
	})
}

// A handler that is asked may send its last message, and end as it likes.
func TestHandlersAreAsked(t *testing.T) {
	for name, test := range map[string]struct {
		end    error
		reopen bool
	}{"well": {nil, false}, "to be opened again": {drain.ErrReopen, true}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
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

// A handler that goes by drain.Context alone ends when it is asked, with
// ErrReopen.
func TestAContextThatEndsWithTheAsking(t *testing.T) {
	inBubble(t, func(t *testing.T) {
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

// What else ends a call keeps its status.
func TestOtherEndsKeepTheirStatus(t *testing.T) {
	inBubble(t, func(t *testing.T) {
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
		for range service.RangeSquare(t.Context(), num(1)) {
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

// Health says so first, and all goes on for the lame-duck time.
func TestALameDuckServes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
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
		if _, err := w.dial(t).Square(t.Context(), num(1)); err != nil { // by a new connection
			t.Error(err)
		}
		// The watch of the health is endless, and does not hold the server.
		_, err = watch.Recv()
		wantReopen(t, "watch", err)
		w.wantEnd(t, 3*time.Second, 3*time.Second)
	})
}

// A client that is told to open its stream again must not come back to the server
// that ends: GOAWAY is there before (grpc-go#6830).
func TestGoAwayComesBeforeTheEndOfStreams(t *testing.T) {
	inBubble(t, func(t *testing.T) {
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
		w.end()
		for range streams {
			wantCode(t, "the second try", <-ends, codes.OK)
		}
		if dialed != 2 {
			t.Errorf("%d connections", dialed)
		}
		w.wantEnd(t, 0, 0)
	})
}

// A stream is ended by age as by the end of the server, and the server goes on.
func TestMaxAge(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const age = time.Minute
		w := serve(t, drain.Options{Grace: grace, MaxAge: age}, fake{
			ranges: endless,
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
		wantCode(t, "unary", <-unary, codes.OK)
	})
}

// A call that a client opens while the server ends is asked at once, and cut
// with the others.
func TestCallsDuringTheEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
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
		}, grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
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

// A handler that ignores everything holds nobody.
func TestAHandlerThatIgnoresItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
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

// Nor does a client that does not read, on whose stream a handler waits in
// yield.
func TestAClientThatDoesNotRead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		handlerEnds := make(chan struct{})
		w := serve(t, drain.Options{Grace: grace}, fake{ranges: func(ctx context.Context, _ *msg) msgs {
			return func(yield func(*msg, error) bool) {
				defer close(handlerEnds)
				for yield(num(1), nil) {
				}
			}
		}})
		for range w.dial(t).RangeSquare(t.Context(), num(1)) {
			synctest.Wait() // until the windows are full
			w.end()
			<-handlerEnds
			w.wantEnd(t, grace, grace+time.Second-1)
			break
		}
	})
}

// Less than zero is no grace; zero is ten seconds.
func TestGraceOfOptions(t *testing.T) {
	for name, test := range map[string]struct{ grace, want time.Duration }{
		"none": {-1, 0}, "default": {0, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
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

// Where no server of this package serves, handlers are asked nothing.
func TestWithoutAServer(t *testing.T) {
	t.Parallel()
	if drain.Done(t.Context()) != nil {
		t.Error("Done is not nil")
	}
	if drain.Context(t.Context()) != t.Context() {
		t.Error("Context is another one")
	}
}
