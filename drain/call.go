package drain

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
	"google.golang.org/protobuf/types/known/durationpb"
)

// ErrReopen is the end of a stream that the client is to open again, at once:
// the status Unavailable, with a google.rpc.RetryInfo of zero seconds. Streams
// that the server ends have it, and a handler that [Done] has asked to end
// may yield or return it. stream.Resume opens such a stream again.
var ErrReopen = errReopen()

func errReopen() error {
	s := status.New(codes.Unavailable, "drain: the server asks to open the stream again")
	detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(0)})
	if err != nil {
		return s.Err() // a RetryInfo can be marshaled: it does not happen
	}
	return detailed.Err()
}

// Done returns a channel that is closed when the stream of the handler whose
// context is ctx, or derived from that, is asked to end: because the server
// ends, or because the stream has reached the server's maximum age. Then the
// handler may send its last message, and end: with [ErrReopen] where there
// would be more to say, or else without an error. ctx goes on until the grace is
// over, and then ends with the cause ErrReopen.
//
// The channel is nil, which is never ready, where the server is not a [Server]
// of this package, so that handlers need not know.
func Done(ctx context.Context) <-chan struct{} {
	if c := callOf(ctx); c != nil {
		return c.askedContext().Done()
	}
	return nil
}

// Context returns a context that ends when ctx does, and also when [Done] says
// that the stream of ctx is asked to end, with the cause [ErrReopen]. It is for
// handlers without a last message:
//
//	return topic.Subscribe(drain.Context(ctx))
//
// A handler that ends with the error of that context ends with ErrReopen.
func Context(ctx context.Context) context.Context {
	c := callOf(ctx)
	if c == nil {
		return ctx
	}
	ctx, cancel := context.WithCancelCause(ctx)
	context.AfterFunc(c.askedContext(), func() { cancel(ErrReopen) })
	return ctx
}

// call is one RPC, as the context of its handler.
type call struct {
	context.Context
	cancel context.CancelCauseFunc
	atOnce bool // it is cut when it is asked to end

	// Of the calls of the server, which lock them.
	calls      *calls // nil while no interceptor has seen the call
	next, prev *call
	isAsked    bool
	asked      context.Context // ends when isAsked is set; nil while nobody wants it
	ask        context.CancelFunc
	age        *time.Timer // nil where the call does not age
	isOld      bool        // and was asked to end for that
}

type callKey struct{}

// tapped gives a call a context that the server can end. It is done where
// grpc makes the stream, since a handler that waits in RecvMsg or SendMsg waits for the
// context that the stream was made with.
func tapped(ctx context.Context, _ *tap.Info) (context.Context, error) { return newCall(ctx), nil }

func newCall(ctx context.Context) *call {
	ctx, cancel := context.WithCancelCause(ctx)
	return &call{Context: ctx, cancel: cancel}
}

// Value finds the call itself, too.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// callOf returns the call that ctx belongs to, or nil.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// cut ends the call, whose handler has not ended in time.
func (c *call) cut() { c.cancel(ErrReopen) }

// isCut tells whether it was the server that has ended the context.
func (c *call) isCut() bool { return context.Cause(c.Context) == ErrReopen } //nolint:errorlint // it is not wrapped

// outcome returns the status of a call whose handler has ended with err. One
// that has ended for the end of its context must not look as if the client had
// left, nor a part of a stream like all of it.
func (c *call) outcome(err error, streams bool) error {
	canceled := errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled
	switch {
	case c.isCut() && (canceled || err == nil && streams):
		return ErrReopen
	case canceled && c.Err() == nil && c.calls.haveAsked(c): // by a context of Context
		return ErrReopen
	}
	return err
}

func (s *Server) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	c := callOf(ctx)
	if c == nil { // by ServeHTTP, which taps nothing
		c = newCall(ctx)
		ctx = c
	}
	s.calls.add(c)
	defer s.calls.remove(c)
	res, err := handler(ctx, req)
	return res, c.outcome(err, false)
}

func (s *Server) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	c := callOf(ss.Context())
	if c == nil {
		c = newCall(ss.Context())
		ss = contextStream{ss, c}
	}
	c.atOnce = info.FullMethod == healthpb.Health_Watch_FullMethodName
	s.calls.add(c)
	defer s.calls.remove(c)
	if s.opts.MaxAge > 0 {
		s.calls.limit(c, jittered(s.opts.MaxAge), s.opts.Grace)
	}
	return c.outcome(handler(srv, ss), true)
}

// jittered returns d ±10 %, which is also what grpc does to the age of a connection.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()*2-1)*float64(d)/10)
}

// contextStream is a stream with another context.
type contextStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s contextStream) Context() context.Context { return s.ctx }
