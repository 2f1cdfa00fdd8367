package gateway_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

// waiting yields one request, and then waits for the end of its context.
func waiting(ctx context.Context) msgs {
	return func(yield func(*msg, error) bool) {
		if yield(num(3), nil) {
			<-ctx.Done()
		}
	}
}

// wantAt checks that a call which began at start has ended after d.
func wantAt(t *testing.T, start time.Time, d time.Duration) {
	t.Helper()
	if took := time.Since(start); took != d {
		t.Errorf("the call took %v, want %v", took, d)
	}
}

// An early answer of the upstream reaches a client that does not half-close.
func TestAnEarlyAnswerIsPassedAtOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]error{"OK": nil, "an error": status.Error(codes.ResourceExhausted, "enough")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, m mode, k kind) {
				w := setup{upstream: service(func(_ context.Context, reqs msgs, send func(*msg) bool) error {
					send(num(first(reqs).GetMessage() + 1))
					return end
				})}.start(t, m)
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				o := k.callWith(ctx, w.client, waiting(ctx))
				if wantAt(t, start, 0); end == nil && (len(o.got) != 1 || o.got[0] != 4) {
					t.Errorf("the client has %+v", o)
				}
				wantCode(t, o.err, status.Code(end))
			})
		})
	}
}

// The half-close of the client is passed to the upstream, and the upstream may
// continue after it.
func TestAHalfCloseIsPassed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		closed := make(chan time.Time, 1)
		w := setup{upstream: service(func(_ context.Context, reqs msgs, send func(*msg) bool) error {
			n := 0.0
			for req, err := range reqs {
				if err != nil {
					return err
				}
				n += req.GetMessage()
			}
			closed <- time.Now()
			time.Sleep(time.Minute)
			send(num(n))
			return nil
		})}.start(t, m)
		start, want := time.Now(), 3.0
		o := k.callWith(t.Context(), w.client, func(yield func(*msg, error) bool) {
			_ = yield(num(3), nil) && yield(num(4), nil)
			if k.requests {
				time.Sleep(time.Second)
			}
		})
		if k.requests {
			start, want = start.Add(time.Second), 7
		}
		if wantAt(t, start, time.Minute); o.err != nil || len(o.got) != 1 || o.got[0] != want {
			t.Errorf("the client has %+v, want %v", o, want)
		}
		if at := <-closed; !at.Equal(start) {
			t.Errorf("the upstream has the half-close after %v", at.Sub(start))
		}
	})
}

// endless is an upstream that waits for the end of its context and reports it.
func endless(ended chan<- error) service {
	return func(ctx context.Context, _ msgs, send func(*msg) bool) error {
		_ = grpc.SendHeader(ctx, metadata.MD{})
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}
}

func TestACancelIsPassed(t *testing.T) {
	t.Parallel()
	eachOf(t, modes, func(t *testing.T, m mode, k kind) {
		ended := make(chan error, 1)
		w := setup{upstream: endless(ended)}.start(t, m)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		start := time.Now()
		o := k.callWith(ctx, w.client, waiting(ctx))
		wantCode(t, o.err, codes.Canceled)
		if err := <-ended; err != context.Canceled {
			t.Errorf("the context of the upstream ended with %v", err)
		}
		wantAt(t, start, time.Minute)
	})
}

func TestADeadlineIsPassed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		ended := make(chan error, 1)
		w := setup{upstream: endless(ended)}.start(t, m)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		o := k.callWith(ctx, w.client, waiting(t.Context()))
		wantCode(t, o.err, codes.DeadlineExceeded)
		wantAt(t, start, time.Minute)
		if err := <-ended; err == nil { // by its own timer, or by the gateway's
			t.Error("the upstream continues")
		}
	})
}

// The gateway's own deadline also applies to the client.
func TestADeadlineOfTheGatewayIsTheClients(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		ended := make(chan error, 1)
		limit := func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Minute)
		}
		w := setup{upstream: endless(ended), server: []grpc.ServerOption{
			grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				ctx, cancel := limit(ctx)
				defer cancel()
				return handler(ctx, req)
			}),
			grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
				ctx, cancel := limit(ss.Context())
				defer cancel()
				return handler(srv, contextOf{ss, ctx})
			}),
		}}.start(t, m)
		start := time.Now()
		wantCode(t, k.callWith(t.Context(), w.client, waiting(t.Context())).err, codes.DeadlineExceeded)
		wantAt(t, start, time.Minute)
		if err := <-ended; err == nil {
			t.Error("the upstream continues")
		}
	})
}

// The death of the upstream is an error immediately, while the client waits.
func TestTheDeathOfTheUpstreamIsPassed(t *testing.T) {
	t.Parallel()
	eachOf(t, modes, func(t *testing.T, m mode, k kind) {
		ended := make(chan error, 1)
		w := setup{upstream: endless(ended)}.start(t, m)
		time.AfterFunc(time.Minute, func() { w.cut() })
		start := time.Now()
		o := k.callWith(t.Context(), w.client, waiting(t.Context()))
		wantCode(t, o.err, codes.Unavailable)
		wantAt(t, start, time.Minute)
		if err := <-ended; err == nil {
			t.Error("the upstream continues")
		}
	})
}

// An interceptor that ends the calls of the gateway determines their status,
// even if the gateway only passes them on.
func TestADrainingGatewaySaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		ended := make(chan error, 1)
		ctx, end := context.WithCancelCause(t.Context())
		within := func(parent context.Context) context.Context {
			inner, cancel := context.WithCancelCause(parent)
			context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
			return inner
		}
		w := setup{upstream: endless(ended), server: []grpc.ServerOption{
			grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
				return handler(within(ctx), req)
			}),
			grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
				return handler(srv, contextOf{ss, within(ss.Context())})
			}),
		}}.start(t, m)
		time.AfterFunc(time.Minute, func() { end(drain.ErrReopen) })
		start := time.Now()
		o := k.callWith(t.Context(), w.client, waiting(t.Context()))
		if s, want := status.Convert(o.err), status.Convert(drain.ErrReopen); s.Code() != want.Code() || s.Message() != want.Message() || len(s.Details()) != 1 {
			t.Errorf("error = %v, want that of drain", o.err)
		}
		wantAt(t, start, time.Minute)
		if err := <-ended; err == nil {
			t.Error("the upstream continues")
		}
	})
}

// The gateway passes an upstream's request to retry on to its client.
func TestAnUpstreamThatDrainsIsReopened(t *testing.T) {
	t.Parallel()
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := setup{upstream: service(func(_ context.Context, reqs msgs, send func(*msg) bool) error {
					n := first(reqs).GetMessage()
					if send(num(n + 1)); n < 3 {
						return drain.ErrReopen
					}
					return nil
				})}.start(t, m)
				var got []float64
				for m, err := range stream.Resume(t.Context(), func(ctx context.Context, after float64) msgs {
					return w.client.RangeSquare(ctx, num(after))
				}, (*msg).GetMessage) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, m.GetMessage())
				}
				if len(got) != 4 || got[3] != 4 {
					t.Errorf("the client has %v, want 1 to 4", got)
				}
			})
		})
	}
}

// Both sides may send more than the windows hold at the same time.
func TestBothSidesMayFlood(t *testing.T) {
	t.Parallel()
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const count = 100
				w := setup{upstream: squarer, opts: []gateway.Option{gateway.Forward("x")}}.start(t, m)
				n := 0
				for m, err := range w.client.StreamrangeSquare(t.Context(), func(yield func(*msg, error) bool) {
					for i := range count {
						if !yield(big(float64(i), 32<<10), nil) {
							return
						}
					}
				}) {
					if err != nil || m.GetMessage() != float64(n*n) {
						t.Fatalf("message %d: %v, %v", n, m.GetMessage(), err)
					}
					n++
				}
				if n != count {
					t.Errorf("%d messages, want %d", n, count)
				}
			})
		})
	}
}
