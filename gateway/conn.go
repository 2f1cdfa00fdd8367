package gateway

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/routing"
)

// Conn returns a view of upstream for stubs that serve as implementations, as the
// package's documentation says. Calls through it must have the context of a handler of
// the gateway's server, or one derived from it. With another context, no metadata passes
// in either direction.
//
// With an invalid option, or if upstream is nil, all calls fail with Internal. The text
// of the error, in this process, says what is wrong.
//
// The owner of upstream still has to close it. The view needs no closing, and many
// goroutines may use it concurrently.
func Conn(upstream grpc.ClientConnInterface, opts ...Option) grpc.ClientConnInterface {
	return newConn(upstream, opts)
}

// conn is the connection of Conn.
type conn struct {
	upstream grpc.ClientConnInterface
	options
	err error // why no call can be made
}

// call is a call through a conn, made for a client's call.
type call struct {
	*conn
	ctx    context.Context // of the call, within that of the handler
	method string
	chosen string  // the host that HostBy has chosen; "" if the stub chooses
	named  *string // the host that the call names; nil if it is upstream's own
}

// begin returns a call with the options that it needs.
func (c *conn) begin(ctx context.Context, method string, opts []grpc.CallOption) (*call, []grpc.CallOption, error) {
	if c.err != nil {
		return nil, nil, c.replaced(ctx, method, c.err)
	}
	chosen, err := c.chooseHost(ctx)
	if err != nil {
		return nil, nil, c.replaced(ctx, method, err)
	}
	// The options of a stub have no spare capacity. These have, for what is added.
	opts = append(make([]grpc.CallOption, 0, len(opts)+4), opts...)
	if chosen != "" {
		opts = append(opts, grpc.CallAuthority(chosen))
	}
	return &call{c, c.forward(ctx), method, chosen, routing.Authority(opts)}, opts, nil
}

// Invoke makes a unary call.
func (c *conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	call, opts, err := c.begin(ctx, method, opts)
	if err != nil {
		return err
	}
	var header, trailer metadata.MD
	var over atomic.Bool
	err = c.upstream.Invoke(call.ctx, method, args, reply, append(opts,
		grpc.Header(&header), grpc.Trailer(&trailer), grpc.OnFinish(func(error) { over.Store(true) }))...)
	if err != nil && !over.Load() {
		return call.public(err, false) // an interceptor's error: grpc may still write the header and trailer
	}
	// SetHeader does not send them, so interceptors may still add to them. Without a
	// server they are dropped.
	_ = grpc.SetHeader(ctx, c.back(header))
	_ = grpc.SetTrailer(ctx, c.back(trailer))
	return call.public(err, header != nil || len(trailer) > 0)
}

// NewStream makes any other call.
func (c *conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	call, opts, err := c.begin(ctx, method, opts)
	if err != nil {
		return nil, err
	}
	s := &clientStream{call: call, responses: desc.ServerStreams}
	s.ClientStream, err = c.upstream.NewStream(call.ctx, desc, method, append(opts, grpc.OnFinish(s.finish))...)
	if err != nil {
		return nil, call.public(err, false)
	}
	return s, nil
}

// failed returns the error of all calls of a misconfigured connection.
func failed(err error) error {
	return hidden(status.Errorf(codes.Internal, "gateway: %v", err), status.Error(codes.Internal, "gateway: not set up for this call"))
}
