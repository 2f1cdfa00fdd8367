package stub_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/stub"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// seeing is a connection that records the options of calls.
type seeing struct {
	grpc.ClientConnInterface
	opts *[]grpc.CallOption
}

func (s seeing) Invoke(_ context.Context, _ string, _, _ any, opts ...grpc.CallOption) error {
	*s.opts = opts
	_ = append(opts, grpc.CallAuthority("interceptor.example")) // like interceptors
	return nil
}

// authority returns the host of the last of the options that names one.
func authority(opts []grpc.CallOption) (host string) {
	for _, opt := range opts {
		if a, ok := opt.(grpc.AuthorityOverrideCallOption); ok {
			host = a.Authority
		}
	}
	return host
}

// Stubs that are derived from each other, or made with one slice of options,
// share nothing.
func TestStubsDoNotShareTheirOptions(t *testing.T) {
	t.Parallel()
	var seen []grpc.CallOption
	conn := seeing{opts: &seen}
	hostOf := func(s stubOf) string {
		if _, err := s.Square(t.Context(), num(1)); err != nil {
			t.Error(err)
		}
		return authority(seen)
	}
	opts := make([]grpc.CallOption, 1, 8)
	opts[0] = grpc.CallAuthority("a.example")
	a := squares.NewSquareServiceStub(conn).With(opts...)
	opts[0] = grpc.CallAuthority("changed.example")
	withs := make([]grpc.CallOption, 1, 8)
	withs[0] = grpc.WaitForReady(true)
	base := a.With(withs...)
	for range 5 { // so that append has room
		base = base.With(grpc.WaitForReady(true))
	}
	b, c := base.With(grpc.CallAuthority("b.example")), base.With(grpc.CallAuthority("c.example"))
	withs[0] = grpc.CallAuthority("changed.example")
	for range 2 {
		// A later With computes its options again.
		got := []string{hostOf(a), hostOf(base), hostOf(b), hostOf(c), hostOf(b.With(grpc.WaitForReady(true)))}
		if diff := cmp.Diff([]string{"a.example", "a.example", "b.example", "c.example", "b.example"}, got); diff != "" {
			t.Errorf("hosts (-want +got):\n%s", diff)
		}
	}
	if !slices.ContainsFunc(seen, func(o grpc.CallOption) bool { _, ok := o.(grpc.StaticMethodCallOption); return ok }) {
		t.Error("the name of the method is not said to be static: statistics would call it \"other\"")
	}
}

// Calls must not share spare capacity of their options: an interceptor may
// append.
func TestOptionsHaveNoRoomBehindThem(t *testing.T) {
	t.Parallel()
	var seen []grpc.CallOption
	s := squares.NewSquareServiceStub(seeing{opts: &seen}).With(grpc.CallAuthority("a.example"))
	for range 6 {
		s = s.With(grpc.WaitForReady(true))
		if _, err := s.Square(t.Context(), num(1)); err != nil {
			t.Error(err)
		}
		if len(seen) != cap(seen) {
			t.Errorf("%d options have room for %d", len(seen), cap(seen))
		}
	}
}

func TestEachHeaderFunctionIsCalledOnceWithItsOwnCopy(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, wrapping(start(t, squarer).stub, func(err error) error { return err }), options{
					unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
						_ = grpc.SetHeader(ctx, metadata.Pairs("header", "h"))
						return handler(ctx, req)
					},
					streams: []grpc.StreamServerInterceptor{func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
						_ = ss.SetHeader(metadata.Pairs("header", "h"))
						return handler(srv, ss)
					}},
				})
				var first, second []string
				s := b.stub.With(stream.OnHeader(func(md metadata.MD) {
					first = append(first, md.Get("header")...)
					md["header"][0] = "changed"
				})).With(stream.OnHeader(func(md metadata.MD) { second = append(second, md.Get("header")...) })).With(grpc.MaxCallSendMsgSize(1 << 20))
				if err := call(t.Context(), s); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff([][]string{{"h"}, {"h"}}, [][]string{first, second}); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// An interceptor may give the handler another request, and another context.
func TestAUnaryInterceptorMayReplaceRequestAndContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		b := start(t, fake{square: func(ctx context.Context, req *msg) (*msg, error) {
			if ctx.Value(key{}) != "replaced" {
				t.Error("the handler has not got the interceptor's context")
			}
			return req, nil
		}}, options{unary: func(ctx context.Context, _ any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			return handler(context.WithValue(ctx, key{}, "replaced"), num(42))
		}})
		if res, err := b.stub.Square(t.Context(), num(1)); err != nil || res.GetMessage() != 42 {
			t.Errorf("Square = (%v, %v), want the replaced request", res, err)
		}
	})
}

func TestRegisterRefusesAnImplementationThatWouldCrash(t *testing.T) {
	t.Parallel()
	defer func() {
		if r := recover(); r == nil {
			t.Error("a nil implementation was registered")
		}
	}()
	squares.RegisterSquareService(grpc.NewServer(), nil)
}

// full is a connection that fills the response of a unary call and fails it.
type full struct{ grpc.ClientConnInterface }

func (full) Invoke(_ context.Context, _ string, _, res any, _ ...grpc.CallOption) error {
	res.(*msg).Message = 1
	return status.Error(codes.DataLoss, "lost")
}

func TestAFailedCallHasNoResponse(t *testing.T) {
	t.Parallel()
	res, err := squares.NewSquareServiceStub(full{}).Square(t.Context(), num(1))
	if wantCode(t, err, codes.DataLoss); res != nil {
		t.Errorf("response = %v beside an error", res)
	}
}

// The one request of a server-streaming call may come too late: receiving
// returns the reason.
func TestARequestThatComesTooLateIsNoErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	w := wire{send: func(any) error { return io.EOF }, receive: func(any) error { return errRefused }}
	got, err := collect(squares.NewSquareServiceStub(w).RangeSquare(t.Context(), num(1)))
	if wantCode(t, err, codes.PermissionDenied); len(got) != 0 {
		t.Errorf("messages = %v, want none", got)
	}
}

// A call is over when its error is seen: an interceptor's failure to open or to
// send ends it.
func TestACallIsOverWhenItsErrorIsSeen(t *testing.T) {
	t.Parallel()
	opens := map[string]func(context.Context, stubOf) msgs{
		"server streaming": func(ctx context.Context, s stubOf) msgs { return s.RangeSquare(ctx, num(1)) },
		"bidirectional":    func(ctx context.Context, s stubOf) msgs { return s.StreamrangeSquare(ctx, count(1)) },
	}
	for kind, open := range opens {
		for _, stage := range []string{"open", "send", "half-close", "receive"} {
			t.Run(kind+"/"+stage, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var call context.Context
					b := start(t, silent, options{callStream: func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
						call = ctx
						if stage == "open" {
							return nil, errRefused
						}
						cs, err := streamer(ctx, desc, cc, method, opts...)
						return failingStream{cs, stage, errRefused}, err
					}})
					seen := false
					for _, err := range open(t.Context(), b.stub) {
						seen = true
						wantCode(t, err, codes.PermissionDenied)
						if call.Err() == nil {
							t.Error("the call continues when its error is seen")
						}
					}
					if !seen {
						t.Error("no error")
					}
				})
			})
		}
	}
}

// The errors of requests have a status, whatever an interceptor makes of them.
func TestErrorsOfRequestsHaveAStatus(t *testing.T) {
	t.Parallel()
	errPlain := errors.New("plain")
	for kind, handle := range handlers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, handle(func(_ context.Context, reqs msgs) (*msg, error) {
					_, err := collect(reqs)
					if s, ok := status.FromError(err); !ok || s.Code() != codes.Unknown || !errors.Is(err, errPlain) {
						t.Errorf("error = %v, want %v with a status", err, errPlain)
					}
					return nil, err
				}), options{streams: []grpc.StreamServerInterceptor{
					func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
						return handler(srv, unreadable{ss, errPlain})
					},
				}})
				wantCode(t, senders[kind](t.Context(), b.stub, count(1)), codes.Unknown)
			})
		})
	}
}

// unreadable is a stream whose requests cannot be received.
type unreadable struct {
	grpc.ServerStream
	err error
}

func (u unreadable) RecvMsg(any) error { return u.err }

// A handler does not return while one of its goroutines is in yield: grpc
// allows no SendMsg after a handler.
func TestAHandlerWaitsForAYieldThatIsUnderWay(t *testing.T) {
	t.Parallel()
	sending, release := make(chan struct{}), make(chan struct{})
	var released atomic.Bool
	ss := &holding{ctx: t.Context(), held: func() {
		close(sending)
		<-release
		released.Store(true)
	}}
	err := stub.HandleServerStreaming(ss, "/s.S/M", func(context.Context, *msg) msgs {
		return func(yield func(*msg, error) bool) {
			go yield(num(1), nil)
			<-sending
			go func() {
				for range 1000 { // enough time to return too early
					runtime.Gosched()
				}
				close(release)
			}()
		}
	})
	if err != nil || !released.Load() {
		t.Errorf("error = %v, SendMsg has returned: %v", err, released.Load())
	}
}

// holding is a stream whose SendMsg calls held.
type holding struct {
	grpc.ServerStream
	ctx  context.Context
	held func()
}

func (h *holding) Context() context.Context { return h.ctx }
func (h *holding) RecvMsg(any) error        { return nil }
func (h *holding) SendMsg(any) error {
	h.held()
	return nil
}
