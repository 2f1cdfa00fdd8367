package gohostconnect

import (
	"context"
	"errors"
	"io"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// NewConn returns a connection for stubs of any generated code of gRPC, whose calls use
// transport. The interceptors are around each call, the first of them outermost. The
// connection needs no closing, and many goroutines may use it concurrently.
//
// The options of calls, including gohost.Host, work as with a [grpc.ClientConn], with
// these exceptions. WaitForReady and grpc's codecs are an error, Unimplemented.
// MaxRetryRPCBufferSize and StaticMethod have no effect on HTTP. The host is not checked
// against the certificate of an https server: net/http checks the host in the
// transport's URL.
func NewConn(transport *Transport, interceptors ...connect.ClientInterceptor) grpc.ClientConnInterface {
	return &conn{transport, connect.NewClient(transport, interceptors...)}
}

type conn struct {
	transport *Transport
	client    *connect.Client
}

// Invoke makes a unary call.
func (c *conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	call, err := c.open(ctx, method, connect.StreamTypeUnary, opts)
	if err != nil {
		return err
	}
	// The response says what ended the attempt to send.
	if err := call.SendMsg(args); err != nil && err != io.EOF {
		return err
	}
	_ = call.CloseSend()
	return call.RecvMsg(reply)
}

// NewStream opens a stream. Its resources are released when RecvMsg has returned
// an error, or when ctx has ended.
func (c *conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	call, err := c.open(ctx, method, streamTypeOf(desc), opts)
	if err != nil {
		return nil, err
	}
	if desc.ClientStreams {
		// The server begins before there is a message, like grpc's.
		if err := call.stream.SendHeaders(); err != nil && !errors.Is(err, io.EOF) {
			return nil, call.fail(call.errorOf(err))
		}
	}
	return call, nil
}

// open begins a call.
func (c *conn) open(ctx context.Context, method string, kind connect.StreamType, opts []grpc.CallOption) (*clientCall, error) {
	call, err := newClientCall(ctx, c, method, kind, opts)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, call.fail(status.FromContextError(err).Err())
	}
	call.stream, err = c.client.CallClientStream(call.ctx, call.spec)
	if err != nil {
		return nil, call.fail(call.errorOf(err))
	}
	return call, nil
}
