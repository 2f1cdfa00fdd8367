package stub_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/internal/synctest"
)

// limited is a stream whose handler has less time than its client allows.
type limited struct {
	grpc.ServerStream
	ctx context.Context
}

func (l limited) Context() context.Context { return l.ctx }

// A handler that ends without an error because its context has ended must not
// make part of a stream look like all of it.
func TestAHandlerThatEndsWithItsContextIsNoCleanEnd(t *testing.T) {
	t.Parallel()
	waits := func(ctx context.Context) msgs {
		return func(yield func(*msg, error) bool) {
			if yield(num(1), nil) {
				<-ctx.Done()
			}
		}
	}
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, fake{
					ranges:  func(ctx context.Context, _ *msg) msgs { return waits(ctx) },
					streams: func(ctx context.Context, _ msgs) msgs { return waits(ctx) },
				}, options{streams: []grpc.StreamServerInterceptor{
					func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
						ctx, cancel := context.WithTimeout(ss.Context(), time.Minute)
						defer cancel()
						return handler(srv, limited{ss, ctx})
					},
				}})
				got, err := collect(open(t.Context(), b.stub))
				wantCode(t, err, codes.DeadlineExceeded)
				if len(got) != 1 {
					t.Errorf("messages = %v, want one", got)
				}
			})
		})
	}
}
