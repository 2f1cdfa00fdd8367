package stub_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

func TestOnHeaderIsCalledBeforeTheFirstMessage(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				respond := make(chan struct{})
				seq := func(ctx context.Context) msgs {
					return func(yield func(*msg, error) bool) {
						_ = grpc.SendHeader(ctx, metadata.Pairs("header", "h"))
						<-respond
						yield(num(1), nil)
					}
				}
				b := start(t, fake{
					ranges:  func(ctx context.Context, _ *msg) msgs { return seq(ctx) },
					streams: func(ctx context.Context, _ msgs) msgs { return seq(ctx) },
				})
				var events []string
				s := b.stub.With(stream.OnHeader(func(header metadata.MD) {
					events = append(events, strings.Join(header.Get("header"), ","))
					close(respond) // the message is not even sent
				}))
				for m, err := range open(t.Context(), s) {
					events = append(events, fmt.Sprint(m.GetMessage(), err))
				}
				if diff := cmp.Diff([]string{"h", "1 <nil>"}, events); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestOnHeaderOfTheOtherCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, fake{
			square: func(ctx context.Context, _ *msg) (*msg, error) {
				return num(1), grpc.SetHeader(ctx, metadata.Pairs("header", "h"))
			},
			sum: func(ctx context.Context, reqs msgs) (*msg, error) {
				return num(1), grpc.SetHeader(ctx, metadata.Pairs("header", "h"))
			},
		})
		headers := 0
		s := b.stub.With(stream.OnHeader(func(header metadata.MD) {
			if len(header.Get("header")) == 1 {
				headers++
			}
		}))
		if _, err := s.Square(t.Context(), num(1)); err != nil {
			t.Error(err)
		}
		if _, err := s.SumSquare(t.Context(), count(1)); err != nil {
			t.Error(err)
		}
		if headers != 2 {
			t.Errorf("%d headers, want 2", headers)
		}
	})
}

func TestOnHeaderIsNotCalledWithoutAHeader(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, nil, options{register: func(grpc.ServiceRegistrar) {}})
				s := b.stub.With(stream.OnHeader(func(header metadata.MD) { t.Errorf("OnHeader(%v)", header) }))
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				wantCode(t, call(ctx, s), codes.Canceled)
			})
		})
	}
}
