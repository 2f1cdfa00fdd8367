package stub_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// wrapping is a gateway that adds something to the errors of its upstream.
func wrapping(s stubOf, wrap func(error) error) fake {
	seq := func(seq msgs) msgs {
		return func(yield func(*msg, error) bool) {
			for m, err := range seq {
				if err != nil {
					err = wrap(err)
				}
				if !yield(m, err) {
					return
				}
			}
		}
	}
	one := func(m *msg, err error) (*msg, error) {
		if err != nil {
			return nil, wrap(err)
		}
		return m, nil
	}
	return fake{
		square:  func(ctx context.Context, req *msg) (*msg, error) { return one(s.Square(ctx, req)) },
		ranges:  func(ctx context.Context, req *msg) msgs { return seq(s.RangeSquare(ctx, req)) },
		sum:     func(ctx context.Context, reqs msgs) (*msg, error) { return one(s.SumSquare(ctx, reqs)) },
		streams: func(ctx context.Context, reqs msgs) msgs { return seq(s.StreamrangeSquare(ctx, reqs)) },
	}
}

func TestAGatewayTellsNothingAboutItsHosts(t *testing.T) {
	t.Parallel()
	wraps := map[string]func(error) error{
		"as it is": func(err error) error { return err },
		"%w":       func(err error) error { return fmt.Errorf("from behind: %w", err) },
		"Join":     func(err error) error { return errors.Join(errors.New("from behind"), err) },
		"twice":    func(err error) error { return fmt.Errorf("from behind: %w (%w)", err, err) },
	}
	hosts := map[string]struct {
		host string
		want codes.Code
	}{
		"of the upstream": {"lab.example", codes.PermissionDenied},
		"invalid":         {"lab.example/path", codes.InvalidArgument},
	}
	for kind, call := range calls {
		for way, wrap := range wraps {
			for name, test := range hosts {
				t.Run(kind+"/"+way+"/"+name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						upstream := start(t, refusing).stub.With(grpc.CallAuthority(test.host))
						if err := call(t.Context(), upstream); err == nil || !strings.Contains(err.Error(), "lab.example") {
							t.Errorf("error = %v, want it to name the host to the gateway itself", err)
						}
						err := call(t.Context(), start(t, wrapping(upstream, wrap)).stub)
						wantCode(t, err, test.want)
						if err == nil || strings.Contains(err.Error(), "lab.example") {
							t.Errorf("error = %v, want nothing about the gateway's hosts", err)
						}
						if way != "as it is" && !strings.Contains(err.Error(), "from behind") {
							t.Errorf("error = %v, want what the gateway says", err)
						}
					})
				})
			}
		}
	}
}

// A broken environment is not the fault of a caller.
func TestABrokenEnvironmentIsAFailureOfThisProgram(t *testing.T) {
	t.Setenv("GOHOST_HOSTS", "*=lab.example/path")
	upstream := start(t, squarer)
	t.Setenv("GOHOST_HOSTS", "")
	gateway := start(t, upstream.stub)
	for kind, call := range calls {
		err := call(t.Context(), upstream.stub)
		if wantCode(t, err, codes.Internal); err != nil && !strings.Contains(err.Error(), "lab.example/path") {
			t.Errorf("%s: error = %v, want it to name the entry", kind, err)
		}
		err = call(t.Context(), gateway.stub)
		if wantCode(t, err, codes.Internal); err != nil && strings.Contains(err.Error(), "lab.example") {
			t.Errorf("%s: error = %v, want nothing about the entry", kind, err)
		}
	}
}

// A panic that nothing can recover any more is logged with its stack.
func TestAPanicAfterTheCallerHasLeftIsLogged(t *testing.T) {
	t.Parallel()
	for kind, send := range senders {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, silent)
				ctx, cancel := context.WithCancel(t.Context())
				gone, text := make(chan struct{}), "panicked after "+kind
				go func() {
					synctest.Wait()
					cancel()
				}()
				wantCode(t, send(ctx, b.stub, func(yield func(*msg, error) bool) {
					yield(num(1), nil)
					<-gone
					panic(text)
				}), codes.Canceled)
				close(gone)
				synctest.Wait()
				_, log, ok := strings.Cut(logged.String(), text)
				if !ok || !strings.Contains(log, "TestAPanicAfterTheCallerHasLeftIsLogged") {
					t.Errorf("logged %q, want the panic and its stack", logged)
				}
			})
		})
	}
}

// No client can crash a server that recovers panics, or leak anything.
func TestAGatewayOutlivesItsClients(t *testing.T) { //nolint:paralleltest // goroutines are counted
	const clients = 1000
	var panics atomic.Int64
	upstream := start(t, squarer)
	gateway := start(t, fake{
		sum: func(ctx context.Context, reqs msgs) (*msg, error) {
			return upstream.stub.SumSquare(ctx, stream.Map(reqs, func(m *msg) (*msg, error) { return fragile(ctx, m) }))
		},
		streams: func(ctx context.Context, reqs msgs) msgs {
			return upstream.stub.StreamrangeSquare(ctx, stream.Map(reqs, func(m *msg) (*msg, error) { return fragile(ctx, m) }))
		},
	}, options{streams: []grpc.StreamServerInterceptor{recovering(&panics)}})
	for _, send := range senders { // connects
		_ = send(t.Context(), gateway.stub, count(1))
	}
	before := goleak.IgnoreCurrent()
	var wg sync.WaitGroup
	for range clients {
		send := senders[[]string{"client streaming", "bidirectional"}[rand.N(2)]]
		wg.Add(1)
		go func() {
			defer wg.Done()
			ctx, cancel := context.WithTimeout(t.Context(), rand.N(20*time.Millisecond))
			defer cancel()
			_ = send(ctx, gateway.stub, func(yield func(*msg, error) bool) {
				for i := 1.0; yield(num(i), nil); i++ {
				}
			})
		}()
	}
	wg.Wait()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

// fragile panics when the caller has gone, like code that uses something
// already closed.
func fragile(ctx context.Context, m *msg) (*msg, error) {
	if m.GetMessage() < 3 {
		return m, nil
	}
	<-ctx.Done()
	time.Sleep(rand.N(10 * time.Millisecond)) // it is busy, and finds out late
	panic("used after the end")
}

// contextOf is a stream with another context.
func contextOf(ctx context.Context, ss grpc.ServerStream) grpc.ServerStream { return limited{ss, ctx} }

// An interceptor that ends the calls of a server determines their status.
func TestTheCauseOfAHandlersContextIsItsStatus(t *testing.T) {
	t.Parallel()
	shutdown := status.Error(codes.Unavailable, "shutting down")
	ends := map[string]struct {
		end   func(ctx context.Context) error
		cause error
		want  codes.Code
	}{
		"the context's error": {context.Context.Err, shutdown, codes.Unavailable},
		"a status":            {func(context.Context) error { return status.Error(codes.Canceled, "stopped") }, shutdown, codes.Unavailable},
		"a wrapped error":     {func(ctx context.Context) error { return fmt.Errorf("read: %w", ctx.Err()) }, shutdown, codes.Unavailable},
		"an own error":        {func(context.Context) error { return status.Error(codes.DataLoss, "lost") }, shutdown, codes.DataLoss},
		"no status":           {context.Context.Err, errors.New("enough"), codes.Canceled},
		"OK":                  {context.Context.Err, okError{}, codes.Canceled},
	}
	for kind, call := range calls {
		for name, test := range ends {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					cancelled := func(ctx context.Context) context.Context {
						ctx, cancel := context.WithCancelCause(ctx)
						time.AfterFunc(time.Minute, func() { cancel(test.cause) })
						return ctx
					}
					wait := func(ctx context.Context) error {
						<-ctx.Done()
						return test.end(ctx)
					}
					seq := func(ctx context.Context) msgs {
						return func(yield func(*msg, error) bool) {
							if err := wait(ctx); name != "the context's error" { // which the gateway need not return
								yield(nil, err)
							}
						}
					}
					b := start(t, fake{
						square:  func(ctx context.Context, _ *msg) (*msg, error) { return nil, wait(ctx) },
						ranges:  func(ctx context.Context, _ *msg) msgs { return seq(ctx) },
						sum:     func(ctx context.Context, _ msgs) (*msg, error) { return nil, wait(ctx) },
						streams: func(ctx context.Context, _ msgs) msgs { return seq(ctx) },
					}, options{
						unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
							return handler(cancelled(ctx), req)
						},
						streams: []grpc.StreamServerInterceptor{func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
							return handler(srv, contextOf(cancelled(ss.Context()), ss))
						}},
					})
					wantCode(t, call(t.Context(), b.stub), test.want)
				})
			})
		}
	}
}

// Within a Scope, a call whose requests wait leaks nothing, and takes nothing
// from the next call.
func TestAWaitingProducerEndsWithItsScope(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const reconnects, each = 50, 10
		b := start(t, squarer)
		outbox := make(chan *msg)
		for i := range reconnects {
			got := 0
			go func() {
				for range each {
					outbox <- num(float64(i))
				}
			}()
			for res, err := range stream.Scope(t.Context(), func(ctx context.Context) msgs {
				return b.stub.StreamrangeSquare(ctx, stream.FromChan(ctx, outbox))
			}) {
				if err != nil || res.GetMessage() != float64(i*i) {
					t.Fatalf("reconnect %d: (%v, %v)", i, res, err)
				}
				if got++; got == each {
					break
				}
			}
			synctest.Wait()
			select {
			case outbox <- num(-1):
				t.Fatal("a producer still waits for the outbox")
			default:
			}
		}
		_, err := stream.ScopeResult(t.Context(), func(ctx context.Context) (*msg, error) {
			return start(t, refusing).stub.SumSquare(ctx, stream.FromChan(ctx, outbox))
		})
		wantCode(t, err, codes.PermissionDenied)
	})
}

var _ squares.SquareService = fake{}
