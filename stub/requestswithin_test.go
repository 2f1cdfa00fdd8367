package stub_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
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

// every sends n requests, one every 20 s, and then waits until ctx ends.
func every(ctx context.Context, n int) msgs {
	return stream.KeepOpen(ctx, func(yield func(*msg, error) bool) {
		for i := range n {
			select {
			case <-time.After(20 * time.Second):
			case <-ctx.Done():
			}
			if !yield(num(float64(i+1)), nil) {
				return
			}
		}
	})
}

// sendEvery makes a call of that kind with such requests, which end with the
// call.
func sendEvery(ctx context.Context, kind string, s stubOf, n int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return senders[kind](ctx, s, every(ctx, n))
}

// raw registers a handler like those of protoc-gen-go-grpc, for all methods
// with requests.
func raw(handler func(ss grpc.ServerStream) error) func(grpc.ServiceRegistrar) {
	desc := squares.SquareServiceDesc
	desc.Streams = append([]grpc.StreamDesc(nil), desc.Streams...)
	for i := range desc.Streams {
		desc.Streams[i].Handler = func(_ any, ss grpc.ServerStream) error { return handler(ss) }
	}
	return func(r grpc.ServiceRegistrar) { r.RegisterService(&desc, fake{}) }
}

func TestASilentClientEndsItsStream(t *testing.T) {
	t.Parallel()
	for kind, handle := range handlers {
		for name, reuse := range map[string]bool{"": false, " with one message": true} {
			t.Run(kind+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					impl := handle(func(ctx context.Context, reqs msgs) (*msg, error) {
						got, err := collect(reqs)
						wantSilence(t, err, "no request within 30s")
						if len(got) != 3 || got[2] != 3 {
							t.Errorf("the handler has got %v, want three requests", got)
						}
						<-ctx.Done()
						wantSilence(t, context.Cause(ctx), "no request within 30s")
						if _, again := collect(reqs); !errors.Is(again, err) {
							t.Errorf("ranged again: %v, want %v", again, err)
						}
						return nil, err
					})
					b := start(t, nil, options{
						streams: []grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(30 * time.Second)},
						register: func(r grpc.ServiceRegistrar) {
							if reuse {
								r = stream.ReuseRequests(r)
							}
							squares.RegisterSquareService(r, impl)
						},
					})
					began := time.Now()
					wantSilence(t, sendEvery(t.Context(), kind, b.stub, 3), "no request within 30s")
					if took := time.Since(began); took != 90*time.Second {
						t.Errorf("the call took %v, want half a minute after three requests", took)
					}
				})
			})
		}
	}
}

// A handler that returns nil or the error of its context gets the status; its
// own errors stay.
func TestTheStatusOfAHandlerWhoseClientIsSilent(t *testing.T) {
	t.Parallel()
	ends := map[string]struct {
		end  func(ctx context.Context, err error) error
		want codes.Code
	}{
		"the error":   {func(_ context.Context, err error) error { return err }, codes.DeadlineExceeded},
		"nothing":     {func(context.Context, error) error { return nil }, codes.DeadlineExceeded},
		"the context": {func(ctx context.Context, _ error) error { return ctx.Err() }, codes.DeadlineExceeded},
		"its status":  {func(ctx context.Context, _ error) error { return status.FromContextError(ctx.Err()).Err() }, codes.DeadlineExceeded},
		"around it":   {func(ctx context.Context, _ error) error { return fmt.Errorf("reading: %w", ctx.Err()) }, codes.DeadlineExceeded},
		"its own":     {func(context.Context, error) error { return errRefused }, codes.PermissionDenied},
	}
	within := []grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(time.Minute)}
	for name, test := range ends {
		for kind := range senders {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				backends := map[string]func(t *testing.T) backend{
					"raw": func(t *testing.T) backend {
						t.Helper()
						return start(t, nil, options{streams: within, register: raw(func(ss grpc.ServerStream) error {
							err := ss.RecvMsg(new(msg))
							if again := ss.RecvMsg(new(msg)); again != err { //nolint:errorlint // it is the same
								t.Errorf("RecvMsg, and again: %v, %v", err, again)
							}
							return test.end(ss.Context(), err)
						})})
					},
					"bidirectional": func(t *testing.T) backend {
						t.Helper()
						return start(t, fake{streams: func(ctx context.Context, reqs msgs) msgs {
							return func(yield func(*msg, error) bool) {
								_, err := collect(reqs)
								if err = test.end(ctx, err); err != nil {
									yield(nil, err)
								}
							}
						}}, options{streams: within})
					},
				}
				for of, backend := range backends {
					if of == "bidirectional" && kind != of {
						continue
					}
					synctest.Test(t, func(t *testing.T) {
						err := sendEvery(t.Context(), kind, backend(t).stub, 0)
						if test.want == codes.DeadlineExceeded {
							wantSilence(t, err, "no request within 1m0s")
						}
						wantCode(t, err, test.want)
					})
				}
			})
		}
	}
}

// A handler that waits elsewhere while another goroutine receives is released
// by its context or its yield.
func TestAHandlerWhoseClientIsSilentGetsOut(t *testing.T) {
	t.Parallel()
	ways := map[string]func(ctx context.Context, yield func(*msg, error) bool){
		"context": func(ctx context.Context, _ func(*msg, error) bool) { <-ctx.Done() },
		"yield": func(_ context.Context, yield func(*msg, error) bool) {
			for yield(num(1), nil) {
				time.Sleep(time.Second)
			}
		},
	}
	for name, wait := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, fake{streams: func(ctx context.Context, reqs msgs) msgs {
					return func(yield func(*msg, error) bool) {
						done := make(chan error, 1)
						go func() {
							_, err := collect(reqs)
							done <- err
						}()
						wait(ctx, yield)
						wantSilence(t, <-done, "no request within 1m0s")
					}
				}}, options{streams: []grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(time.Minute)}})
				wantSilence(t, sendEvery(t.Context(), "bidirectional", b.stub, 2), "no request within 1m0s")
			})
		})
	}
}

// Only waiting for a request counts.
func TestTheTimeOfTheHandlerIsNotSilence(t *testing.T) {
	t.Parallel()
	for kind, handle := range handlers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, handle(func(ctx context.Context, reqs msgs) (*msg, error) {
					for _, err := range reqs {
						if err != nil {
							return nil, err
						}
						time.Sleep(time.Hour)
					}
					time.Sleep(time.Hour) // after the half-close nothing counts
					_, err := collect(reqs)
					return num(1), errors.Join(err, ctx.Err())
				}), options{streams: []grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(time.Second), stream.FirstRequestWithinInterceptor(time.Second)}})
				if err := senders[kind](t.Context(), b.stub, count(3)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestTheFirstRequestAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   []grpc.StreamServerInterceptor
		n    int
		want string
	}{
		"it comes":             {[]grpc.StreamServerInterceptor{stream.FirstRequestWithinInterceptor(21 * time.Second)}, 1, ""},
		"it does not":          {[]grpc.StreamServerInterceptor{stream.FirstRequestWithinInterceptor(19 * time.Second)}, 1, "no first request within 19s"},
		"and the others":       {[]grpc.StreamServerInterceptor{stream.FirstRequestWithinInterceptor(time.Minute), stream.RequestsWithinInterceptor(21 * time.Second)}, 2, "no request within 21s"},
		"the others and it":    {[]grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(time.Minute), stream.FirstRequestWithinInterceptor(19 * time.Second)}, 2, "no first request within 19s"},
		"no limit":             {[]grpc.StreamServerInterceptor{stream.FirstRequestWithinInterceptor(0), stream.RequestsWithinInterceptor(0)}, 0, ""},
		"less than no time":    {[]grpc.StreamServerInterceptor{stream.FirstRequestWithinInterceptor(-1), stream.RequestsWithinInterceptor(-1)}, 0, ""},
		"the others, after it": {[]grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(time.Minute), stream.FirstRequestWithinInterceptor(21 * time.Second)}, 1, "no request within 1m0s"},
	}
	for name, test := range tests {
		for kind := range senders {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					b := start(t, squarer, options{streams: test.in})
					began := time.Now()
					err := sendEvery(ctx, kind, b.stub, test.n)
					if test.want != "" {
						wantSilence(t, err, test.want)
					} else if took := time.Since(began); took != time.Hour {
						t.Errorf("the call ended after %v with %v", took, err)
					}
				})
			})
		}
	}
}

func TestTheLimitsAreOptionsOfAServer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opts []grpc.ServerOption
		want string
	}{
		"RequestsWithin":      {[]grpc.ServerOption{stream.RequestsWithin(time.Minute), stream.FirstRequestWithin(0)}, "no request within 1m0s"},
		"FirstRequestWithin":  {[]grpc.ServerOption{stream.RequestsWithin(-1), stream.FirstRequestWithin(time.Minute)}, "no first request within 1m0s"},
		"the shorter of both": {[]grpc.ServerOption{stream.RequestsWithin(time.Hour), stream.FirstRequestWithin(time.Minute)}, "no first request within 1m0s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, squarer, options{server: test.opts})
				wantSilence(t, sendEvery(t.Context(), "client streaming", b.stub, 0), test.want)
			})
		})
	}
}

// Waiting for the one request of a server-streaming method counts; the rest of
// its handler's time does not.
func TestAServerStreamingMethodWaitsForItsRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		called := false
		b := start(t, fake{
			ranges: func(ctx context.Context, _ *msg) msgs {
				called = true
				return slow(3, func(context.Context) error { return ctx.Err() }).ranges(ctx, nil)
			},
			square: func(_ context.Context, m *msg) (*msg, error) { time.Sleep(time.Hour); return m, nil },
		}, options{streams: []grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(time.Second)}})
		cs, err := b.conn.NewStream(t.Context(), &squares.SquareServiceDesc.Streams[0], squares.SquareService_RangeSquare_Method)
		if err != nil {
			t.Fatal(err)
		}
		wantSilence(t, cs.RecvMsg(new(msg)), "no request within 1s")
		if called {
			t.Error("the method was called without its request")
		}
		if got, err := collect(b.stub.RangeSquare(t.Context(), num(1))); len(got) != 3 || err != nil {
			t.Errorf("got (%v, %v), want three responses", got, err)
		}
		if _, err := b.stub.Square(t.Context(), num(1)); err != nil {
			t.Error(err) // a unary call has no limit
		}
	})
}

// All waiting goroutines are woken. Without a bubble, whose clock stops while
// goroutines wait for a mutex.
func TestManyGoroutinesMayWaitForRequests(t *testing.T) {
	t.Parallel()
	for kind, handle := range handlers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := start(t, handle(func(_ context.Context, reqs msgs) (*msg, error) {
				var mu sync.Mutex
				var wg sync.WaitGroup
				n, sum, silent := 0, 0.0, 0
				for range 8 {
					wg.Add(1)
					go func() {
						defer wg.Done()
						got, err := collect(reqs)
						mu.Lock()
						defer mu.Unlock()
						for _, i := range got {
							n, sum = n+1, sum+i
						}
						if status.Code(err) == codes.DeadlineExceeded {
							silent++
						}
					}()
				}
				wg.Wait()
				if n != 100 || sum != 5050 || silent != 8 {
					t.Errorf("%d requests with the sum %v, and %d goroutines told of the silence", n, sum, silent)
				}
				return num(1), nil
			}), options{streams: []grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(200 * time.Millisecond)}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			wantSilence(t, senders[kind](ctx, b.stub, stream.KeepOpen(ctx, count(100))), "no request within 200ms")
		})
	}
}

// recvStream calls f instead of RecvMsg.
type recvStream struct {
	grpc.ServerStream
	f func(ss grpc.ServerStream, m any) error
}

func (s recvStream) RecvMsg(m any) error { return s.f(s.ServerStream, m) }

// received is an interceptor whose RecvMsg is f.
func received(f func(ss grpc.ServerStream, m any) error) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		return handler(srv, recvStream{ss, f})
	}
}

// A panic while receiving continues in the handler.
func TestAPanicOfAnInterceptorGoesOnAtTheHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		passed, after := false, error(nil)
		b := start(t, nil, options{
			streams: []grpc.StreamServerInterceptor{
				func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
					defer func() { err = status.Errorf(codes.DataLoss, "recovered %v", recover()) }()
					return handler(srv, ss)
				},
				received(func(grpc.ServerStream, any) error { panic("broken codec") }),
				stream.RequestsWithinInterceptor(time.Minute),
			},
			register: raw(func(ss grpc.ServerStream) error {
				defer func() {
					passed, after = true, ss.RecvMsg(new(msg))
				}()
				return ss.RecvMsg(new(msg))
			}),
		})
		err := sendEvery(t.Context(), "bidirectional", b.stub, 0)
		if wantCode(t, err, codes.DataLoss); !strings.Contains(err.Error(), "recovered broken codec") || !passed {
			t.Errorf("error = %v, want the panic, by way of the handler", err)
		}
		wantCode(t, after, codes.Internal)
		if !strings.Contains(logged.String(), "receiving a request panicked: broken codec") {
			t.Error("the log has no stack of the panic")
		}
	})
}

func TestAGoexitOfAnInterceptorGoesOnAtTheHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		exits := false
		b := start(t, nil, options{
			streams: []grpc.StreamServerInterceptor{
				received(func(grpc.ServerStream, any) error { runtime.Goexit(); return nil }),
				stream.RequestsWithinInterceptor(time.Minute),
			},
			register: raw(func(ss grpc.ServerStream) error {
				returned := false
				defer func() {
					exits = !returned && recover() == nil
					cancel() // or nothing ends the call
				}()
				err := ss.RecvMsg(new(msg))
				returned = true
				return err
			}),
		})
		if wantCode(t, sendEvery(ctx, "bidirectional", b.stub, 0), codes.Canceled); !exits {
			t.Error("the handler's goroutine has not exited")
		}
	})
}

// After the first request, nothing is between the handler and grpc. The only
// request of a server-streaming method is its first.
func TestTheGoroutineOfTheFirstRequestEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     grpc.StreamServerInterceptor
		method int
		want   [3]bool
	}{
		"FirstRequestWithin":               {stream.FirstRequestWithinInterceptor(time.Minute), 2, [3]bool{true, false, false}},
		"RequestsWithin":                   {stream.RequestsWithinInterceptor(time.Minute), 2, [3]bool{true, true, true}},
		"RequestsWithin, server streaming": {stream.RequestsWithinInterceptor(time.Minute), 0, [3]bool{true, false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var elsewhere []bool
				b := start(t, nil, options{
					streams: []grpc.StreamServerInterceptor{
						received(func(ss grpc.ServerStream, m any) error {
							elsewhere = append(elsewhere, strings.Contains(string(debug.Stack()), "receiveInto"))
							return ss.RecvMsg(m)
						}), test.in,
					},
					register: raw(func(ss grpc.ServerStream) error {
						for range 3 {
							_ = ss.RecvMsg(new(msg))
						}
						return nil
					}),
				})
				desc := squares.SquareServiceDesc.Streams[test.method]
				cs, err := b.conn.NewStream(t.Context(), &desc, "/"+squares.SquareServiceDesc.ServiceName+"/"+desc.StreamName)
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(cs.SendMsg(num(1)), cs.CloseSend()); err != nil {
					t.Error(err)
				}
				if err := cs.RecvMsg(new(msg)); err != io.EOF {
					t.Errorf("RecvMsg = %v, want io.EOF", err)
				}
				if len(elsewhere) != 3 || [3]bool(elsewhere) != test.want {
					t.Errorf("received on another goroutine: %v, want %v", elsewhere, test.want)
				}
			})
		})
	}
}

// Not parallel: goroutines are counted.
func TestRequestsWithinLeavesNoGoroutine(t *testing.T) { //nolint:paralleltest // goroutines are counted
	rest := make(chan error, 1)
	handler := func(ss grpc.ServerStream) error {
		_ = ss.RecvMsg(new(msg))
		go func() { rest <- ss.RecvMsg(new(msg)) }() // waits while the handler returns
		return nil
	}
	b := start(t, nil, options{
		streams:  []grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(time.Hour), stream.FirstRequestWithinInterceptor(time.Hour)},
		register: raw(handler),
	})
	silent := start(t, squarer, options{streams: []grpc.StreamServerInterceptor{stream.RequestsWithinInterceptor(time.Millisecond), stream.FirstRequestWithinInterceptor(time.Hour)}})
	open := func() {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if _, err := collect(b.stub.StreamrangeSquare(ctx, stream.KeepOpen(ctx, count(1)))); err != nil {
			t.Error(err)
		}
		if err := <-rest; err == nil || err == io.EOF {
			t.Errorf("RecvMsg behind the handler = %v, want an error", err)
		}
		_, err := collect(silent.stub.StreamrangeSquare(ctx, stream.KeepOpen(ctx, count(1))))
		wantSilence(t, err, "no request within 1ms")
	}
	open() // connects
	before := goleak.IgnoreCurrent()
	for range 200 {
		open()
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}
