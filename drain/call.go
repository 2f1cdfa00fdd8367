package drain

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/pushback"
)

// ErrReopen ends a stream that the client should open again immediately. It is the
// status Unavailable, with a [google.rpc.RetryInfo] of zero seconds. Streams that the
// server ends have it, and a handler that [Done] has asked to end may yield or return
// it. [github.com/gohostrpc/gohost/stream.Resume] opens such a stream again.
//
// [google.rpc.RetryInfo]: https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
var ErrReopen = pushback.AtOnce(codes.Unavailable, "drain: the server asks to open the stream again").Err()

// Done returns a channel that is closed when a call is asked to end: because the server
// ends, or because the call is a stream that has reached [Options.MaxAge]. ctx is the
// context of the call's handler, or derived from it. The handler of a stream may then
// send its last message and end: with [ErrReopen] if there would be more messages,
// otherwise without an error. ctx lasts until the grace is over, and then ends with the
// cause ErrReopen ([context.Cause]).
//
// If the server is neither a [Server] nor has the interceptors of an [HTTP], the channel
// is nil, which is never ready. So handlers need not know which server they run on.
func Done(ctx context.Context) <-chan struct{} {
	if c := callOf(ctx); c != nil {
		return c.askedContext().Done()
	}
	return nil
}

// Context returns a context that ends when ctx does, and also, with the cause
// [ErrReopen], when [Done] asks the stream of ctx to end. It is for handlers without a
// last message:
//
//	return topic.Subscribe(drain.Context(ctx))
//
// If a handler ends with the error of that context, its client gets ErrReopen. On a
// server without this package, Context returns ctx.
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
	calls  *calls // of the server
	cancel context.CancelCauseFunc
	stream grpc.ServerTransportStream
	atOnce bool // it is cut when it is asked to end

	// The lock of calls protects the following fields.
	isAsked bool
	asked   context.Context // ends when isAsked is set; nil while nothing needs it
	ask     context.CancelFunc
	age     *time.Timer // to the next step of its end; nil if the call does not age
	steps   int         // taken because of age
}

type callKey struct{}

// newCall returns a call whose context is derived from ctx, that of the RPC.
func (cs *calls) newCall(ctx context.Context) *call {
	c := &call{calls: cs, stream: grpc.ServerTransportStreamFromContext(ctx)}
	c.Context, c.cancel = context.WithCancelCause(ctx)
	return c
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

// cut ends the context of the call because its handler has not ended in time.
func (c *call) cut() { c.cancel(ErrReopen) }

// finish ends the RPC of a call whose handler has not ended with its context. A handler
// that waits in RecvMsg or SendMsg does not see the end of the context, but wakes when
// the RPC ends.
//
// By grpc's documented means, only a handler that returns ends an RPC. grpc then calls
// a method of its stream, which RecvMsg and SendMsg also call, concurrently with a
// handler, when they fail. The streams of package gohostconnect have it, too. If a
// stream is of another kind, the call continues until the server's Stop.
func (c *call) finish() {
	if stream, ok := c.stream.(interface{ WriteStatus(*status.Status) error }); ok {
		_ = stream.WriteStatus(status.Convert(ErrReopen)) // the client has gone
	}
}

// outcome returns the status of a call whose handler has ended with err. If it has
// ended because a context has, it must not look as if the client had left, nor may a
// part of a stream look like all of it.
func (c *call) outcome(err error, streams bool) error {
	isCut := context.Cause(c.Context) == ErrReopen //nolint:errorlint // it is not wrapped
	canceled := errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled
	switch {
	case isCut && (canceled || err == nil && streams):
		return ErrReopen
	case canceled && c.Err() == nil && c.calls.haveAsked(c): // by a context of Context
		return ErrReopen
	}
	return err
}

// unary is an interceptor.
func (cs *calls) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	c := cs.newCall(ctx)
	cs.add(c)
	defer cs.remove(c)
	res, err := handler(c, req)
	return res, c.outcome(err, false)
}

// stream is an interceptor.
func (cs *calls) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	c := cs.newCall(ss.Context())
	c.atOnce = info.FullMethod == healthpb.Health_Watch_FullMethodName
	cs.add(c)
	defer cs.remove(c)
	if cs.opts.MaxAge > 0 {
		cs.limit(c, jittered(cs.opts.MaxAge))
	}
	return c.outcome(handler(srv, &serverStream{ss, c}), true)
}

// jittered returns d ±10 %. grpc does the same to the age of a connection.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()*2-1)*float64(d)/10)
}

// serverStream is a stream with the context of its call.
type serverStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *serverStream) Context() context.Context { return s.ctx }
