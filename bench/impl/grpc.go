package impl

import (
	"context"
	"errors"
	"io"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/bench/benchpb"
)

// serve serves a server whose services are registered. It returns a connection to it
// and a function that ends both.
func serve(server *grpc.Server, opts ...grpc.DialOption) (connection, func(), error) {
	return serveBy(server.Serve, server.Stop, opts...)
}

// serveBy is like serve, with functions that serve and stop the server.
func serveBy(serve func(net.Listener) error, stop func(), opts ...grpc.DialOption) (connection, func(), error) {
	return serveTo(dial, serve, stop, opts...)
}

// serveTo is like serveBy, for a client that connects with dial.
func serveTo(dial dialer, serve func(net.Listener) error, stop func(), opts ...grpc.DialOption) (connection, func(), error) {
	lis, err := listen()
	if err != nil {
		return nil, nil, err
	}
	cc, err := dial("passthrough:///"+lis.Addr().String(), opts...)
	if err != nil {
		return nil, nil, errors.Join(err, lis.Close())
	}
	go serve(lis) //nolint:errcheck // it ends with stop
	return cc, func() {
		_ = cc.Close()
		stop()
	}, nil
}

// connection is what a client calls through.
type connection interface {
	grpc.ClientConnInterface
	Close() error
}

// dialer connects to a target.
type dialer func(target string, opts ...grpc.DialOption) (connection, error)

func dial(target string, opts ...grpc.DialOption) (connection, error) {
	return grpc.NewClient(target, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
}

type grpcServer struct {
	benchpb.UnimplementedBenchServer
}

func (grpcServer) Unary(_ context.Context, msg *benchpb.Message) (*benchpb.Message, error) {
	return msg, nil
}

func (grpcServer) Download(order *benchpb.Order, stream grpc.ServerStreamingServer[benchpb.Message]) error {
	msg := &benchpb.Message{Data: make([]byte, order.GetSize())}
	for range abs(order.GetCount()) {
		if err := stream.Send(msg); err != nil {
			return err
		}
	}
	if order.GetCount() < 0 {
		<-stream.Context().Done()
	}
	return nil
}

func (grpcServer) Upload(stream grpc.ClientStreamingServer[benchpb.Message, benchpb.Message]) error {
	var last *benchpb.Message
	for {
		msg, err := stream.Recv()
		if err == io.EOF {
			return stream.SendAndClose(last)
		}
		if err != nil {
			return err
		}
		last = msg
	}
}

func (grpcServer) Chat(stream grpc.BidiStreamingServer[benchpb.Message, benchpb.Message]) error {
	for {
		msg, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(msg); err != nil {
			return err
		}
	}
}

// grpcClient has the receive loop that all kinds of stream share.
type grpcClient struct {
	client benchpb.BenchClient
	all    func(stream messages, got func()) error
	opts   []grpc.CallOption
}

// messages is a stream of responses.
type messages interface {
	Recv() (*benchpb.Message, error)
	RecvMsg(msg any) error
}

func (s Setting) startGRPC() (Client, func(), error) {
	server := grpc.NewServer(s.server...)
	benchpb.RegisterBenchServer(server, grpcServer{})
	cc, stop, err := s.serve(server)
	if err != nil {
		return nil, nil, err
	}
	return grpcClient{benchpb.NewBenchClient(cc), func(stream messages, got func()) error { return receive(stream, got) }, nil}, stop, nil
}

func (c grpcClient) Unary(ctx context.Context, msg *benchpb.Message) error {
	_, err := c.client.Unary(ctx, msg, c.opts...)
	return err
}

func (c grpcClient) Download(ctx context.Context, count, size int, got func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.client.Download(ctx, &benchpb.Order{Count: int64(count), Size: int64(size)}, c.opts...)
	if err != nil {
		return err
	}
	return c.all(stream, got)
}

func receive(stream interface {
	Recv() (*benchpb.Message, error)
}, got func()) error {
	for {
		_, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		got()
	}
}

func (c grpcClient) Upload(ctx context.Context, count int, next func() *benchpb.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.client.Upload(ctx, c.opts...)
	if err != nil {
		return err
	}
	for range count {
		if err := stream.Send(next()); err == io.EOF {
			break // CloseAndRecv says why
		} else if err != nil {
			return err
		}
	}
	_, err = stream.CloseAndRecv()
	return err
}

func (c grpcClient) Chat(ctx context.Context, count int, next func() *benchpb.Message, got func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.client.Chat(ctx, c.opts...)
	if err != nil {
		return err
	}
	go func() {
		for range count {
			if err := stream.Send(next()); err != nil {
				return // Recv says why
			}
		}
		_ = stream.CloseSend()
	}()
	return c.all(stream, got)
}

func (c grpcClient) PingPong(ctx context.Context, count int, msg *benchpb.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.client.Chat(ctx, c.opts...)
	if err != nil {
		return err
	}
	for range count {
		if err := stream.Send(msg); err != nil && err != io.EOF {
			return err
		}
		if _, err := stream.Recv(); err != nil {
			return err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return receive(stream, func() {})
}
