package stub_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
)

// okError is an error whose status is OK.
type okError struct{}

func (okError) Error() string              { return "fine" }
func (okError) GRPCStatus() *status.Status { return status.New(codes.OK, "fine") }

func wantInternal(t *testing.T, err error, part string) {
	t.Helper()
	wantCode(t, err, codes.Internal)
	if err != nil && !strings.Contains(err.Error(), part) {
		t.Errorf("error = %v, want it to say %q", err, part)
	}
}

// responding answers each streaming call with seq.
func responding(seq msgs) fake {
	return fake{
		ranges:  func(context.Context, *msg) msgs { return seq },
		streams: func(context.Context, msgs) msgs { return seq },
	}
}

func TestAHandlersMisuseIsInternalAndNamesTheMethod(t *testing.T) {
	t.Parallel()
	tests := map[string]msgs{
		"nil sequence":                   nil,
		"neither a message nor an error": func(yield func(*msg, error) bool) { yield(nil, nil) },
		"io.EOF":                         func(yield func(*msg, error) bool) { yield(nil, io.EOF) },
		"an error with the status OK":    func(yield func(*msg, error) bool) { yield(nil, okError{}) },
	}
	for kind, open := range loops {
		for name, seq := range tests {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := start(t, responding(seq))
					got, err := collect(open(t.Context(), b.stub))
					wantInternal(t, err, "squarerpc_service.SquareService/")
					if len(got) != 0 {
						t.Errorf("messages = %v, want none", got)
					}
				})
			})
		}
	}
}

func TestAMethodsMisuseIsInternalAndNamesTheMethod(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"neither a message nor an error": nil,
		"an error with the status OK":    okError{},
		"io.EOF":                         io.EOF,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, fake{
					square: func(context.Context, *msg) (*msg, error) { return nil, err },
					sum:    func(context.Context, msgs) (*msg, error) { return nil, err },
				})
				_, err := b.stub.Square(t.Context(), num(1))
				wantInternal(t, err, "SquareService/square")
				_, err = b.stub.SumSquare(t.Context(), count(1))
				wantInternal(t, err, "SquareService/sumSquare")
			})
		})
	}
}

func TestAHandlersErrorEndsTheSequenceOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		seq  msgs
		want codes.Code
	}{
		"status":  {func(yield func(*msg, error) bool) { yield(nil, status.Error(codes.DataLoss, "lost")) }, codes.DataLoss},
		"plain":   {func(yield func(*msg, error) bool) { yield(nil, errors.New("lost")) }, codes.Unknown},
		"context": {func(yield func(*msg, error) bool) { yield(nil, context.DeadlineExceeded) }, codes.DeadlineExceeded},
		// The error wins: a message together with it is not sent.
		"with a message": {func(yield func(*msg, error) bool) { yield(num(1), status.Error(codes.DataLoss, "lost")) }, codes.DataLoss},
		"wrapped EOF":    {func(yield func(*msg, error) bool) { yield(nil, errors.Join(io.EOF)) }, codes.Unknown},
	}
	for kind, open := range loops {
		for name, test := range tests {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := start(t, responding(test.seq))
					yields := 0
					for m, err := range open(t.Context(), b.stub) { // continues after the error
						yields++
						if m != nil {
							t.Errorf("message = %v, want none", m)
						}
						wantCode(t, err, test.want)
					}
					if yields != 1 {
						t.Errorf("the sequence yielded %d times, want once", yields)
					}
				})
			})
		}
	}
}

func TestACleanEndIsNothing(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(count(3)))
				got, err := collect(open(t.Context(), b.stub))
				if err != nil || len(got) != 3 {
					t.Errorf("got (%v, %v), want three messages and no error", got, err)
				}
			})
		})
	}
}

// recovering recovers and counts the panics of handlers.
func recovering(panics *atomic.Int64) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		defer func() {
			if r := recover(); r != nil {
				panics.Add(1)
				err = status.Errorf(codes.Internal, "recovered: %v", r)
			}
		}()
		return handler(srv, ss)
	}
}

func TestTwoGoroutinesThatYieldAreRefused(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(func(yield func(*msg, error) bool) {
					var wg sync.WaitGroup
					for range 2 {
						wg.Add(1)
						go func() {
							defer wg.Done()
							for yield(big(1, 64<<10), nil) {
							}
						}()
					}
					wg.Wait()
				}))
				var last error
				for _, err := range open(t.Context(), b.stub) {
					synctest.Wait() // both are in yield; flow control blocks one
					last = err
				}
				wantInternal(t, last, "two goroutines")
			})
		})
	}
}

func TestAHandlersPanicReachesTheInterceptors(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var panics atomic.Int64
				b := start(t, responding(func(yield func(*msg, error) bool) {
					yield(num(1), nil)
					panic("broken")
				}), options{streams: []grpc.StreamServerInterceptor{recovering(&panics)}})
				_, err := collect(open(t.Context(), b.stub))
				wantInternal(t, err, "recovered: broken")
				if panics.Load() != 1 {
					t.Errorf("%d panics were seen, want 1", panics.Load())
				}
			})
		})
	}
}
