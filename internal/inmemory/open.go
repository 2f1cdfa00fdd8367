package inmemory

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

// Open counts the calls and the connections that are open: it is a stats.Handler.
type Open struct{ Calls, Conns atomic.Int64 }

// HandleRPC implements stats.Handler.
func (o *Open) HandleRPC(_ context.Context, s stats.RPCStats) {
	switch s.(type) {
	case *stats.Begin:
		o.Calls.Add(1)
	case *stats.End:
		o.Calls.Add(-1)
	}
}

// HandleConn implements stats.Handler.
func (o *Open) HandleConn(_ context.Context, s stats.ConnStats) {
	switch s.(type) {
	case *stats.ConnBegin:
		o.Conns.Add(1)
	case *stats.ConnEnd:
		o.Conns.Add(-1)
	}
}

// TagRPC implements stats.Handler.
func (*Open) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// TagConn implements stats.Handler.
func (*Open) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// Dial returns options that count the calls of a connection. A stats handler
// would see attempts instead, and perhaps no end of those that grpc retries
// without having sent anything.
func (o *Open) Dial() []grpc.DialOption {
	ended := grpc.OnFinish(func(error) { o.Calls.Add(-1) })
	return []grpc.DialOption{
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			o.Calls.Add(1)
			return invoker(ctx, method, req, reply, cc, append(opts, ended)...)
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			o.Calls.Add(1)
			return streamer(ctx, desc, cc, method, append(opts, ended)...)
		}),
	}
}
