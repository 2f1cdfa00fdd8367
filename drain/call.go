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

// ErrReopen is the end of a stream that the client is to open again, at once:
// the status Unavailable, with a google.rpc.RetryInfo of zero seconds. Streams
// that the server ends have it, and a handler that [Done] has asked to end
// may yield or return it. stream.Resume opens such a stream again.
var ErrReopen = pushback.AtOnce(codes.Unavailable, "drain: the server asks to open the stream again").Err()

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
	calls  *calls // of the server
	cancel context.CancelCauseFunc
	stream grpc.ServerTransportStream
	atOnce bool // it is cut when it is asked to end

	// The calls lock what follows.
	isAsked bool
	asked   context.Context // ends when isAsked is set; nil while nobody wants it
	ask     context.CancelFunc
	age     *time.Timer // to the next step of its end; nil where the call does not age
	steps   int         // of those that age has taken
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

// cut ends the context of the call, whose handler has not ended in time.
func (c *call) cut() { c.cancel(ErrReopen) }

// finish ends the RPC of a call whose handler has not ended with its context:
// one that waits in RecvMsg or SendMsg does not see that, but is woken when the RPC ends.
//
// A handler that returns is all that ends an RPC by grpc's documented means.
// What grpc does then is a method of its stream, which RecvMsg and SendMsg call as well,
// beside a handler, when they fail. The streams of package gohostconnect have it, too.
// Where a stream is of another kind, the call goes on until the server's Stop.
func (c *call) finish() {
	if stream, ok := c.stream.(interface{ WriteStatus(*status.Status) error }); ok {
		_ = stream.WriteStatus(status.Convert(ErrReopen)) // the client has gone
	}
}

// outcome returns the status of a call whose handler has ended with err. One
// that has ended for the end of a context must not look as if the client had
// left, nor a part of a stream like all of it.
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

// jittered returns d ±10 %, which is also what grpc does to the age of a
// connection.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()*2-1)*float64(d)/10)
}

// serverStream is a stream with the context of its call.
type serverStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *serverStream) Context() context.Context { return s.ctx }
