package impl

import (
	"context"
	"errors"
	"io"
	"net/http"

	"connectrpc.com/connect"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/benchpb/benchpbconnect"
)

type connectServer struct {
	benchpbconnect.UnimplementedBenchHandler
}

func (connectServer) Unary(_ context.Context, req *connect.Request[benchpb.Message]) (*connect.Response[benchpb.Message], error) {
	return connect.NewResponse(req.Msg), nil
}

func (connectServer) Download(ctx context.Context, req *connect.Request[benchpb.Order], stream *connect.ServerStream[benchpb.Message]) error {
	msg := &benchpb.Message{Data: make([]byte, req.Msg.GetSize())}
	for range abs(req.Msg.GetCount()) {
		if err := stream.Send(msg); err != nil {
			return err
		}
	}
	if req.Msg.GetCount() < 0 {
		<-ctx.Done()
	}
	return nil
}

func (connectServer) Upload(_ context.Context, stream *connect.ClientStream[benchpb.Message]) (*connect.Response[benchpb.Message], error) {
	var last *benchpb.Message
	for stream.Receive() {
		last = stream.Msg()
	}
	return connect.NewResponse(last), stream.Err()
}

func (connectServer) Chat(_ context.Context, stream *connect.BidiStream[benchpb.Message, benchpb.Message]) error {
	for {
		msg, err := stream.Receive()
		if errors.Is(err, io.EOF) {
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

type connectClient struct{ client benchpbconnect.BenchClient }

func startConnect() (Client, func(), error) {
	lis, err := listen()
	if err != nil {
		return nil, nil, err
	}
	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	mux := http.NewServeMux()
	mux.Handle(benchpbconnect.NewBenchHandler(connectServer{}))
	server := &http.Server{Handler: mux, Protocols: h2c}
	go server.Serve(lis) //nolint:errcheck // it ends with Close
	transport := &http.Transport{Protocols: h2c}
	client := benchpbconnect.NewBenchClient(&http.Client{Transport: transport}, "http://"+lis.Addr().String(), connect.WithGRPC())
	return connectClient{client}, func() {
		transport.CloseIdleConnections()
		_ = server.Close()
	}, nil
}

func (c connectClient) Unary(ctx context.Context, msg *benchpb.Message) error {
	_, err := c.client.Unary(ctx, connect.NewRequest(msg))
	return err
}

func (c connectClient) Download(ctx context.Context, count, size int, got func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.client.Download(ctx, connect.NewRequest(&benchpb.Order{Count: int64(count), Size: int64(size)}))
	if err != nil {
		return err
	}
	for stream.Receive() {
		got()
	}
	return errors.Join(stream.Err(), stream.Close())
}

func (c connectClient) Upload(ctx context.Context, count int, next func() *benchpb.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := c.client.Upload(ctx)
	for range count {
		if err := stream.Send(next()); errors.Is(err, io.EOF) {
			break // CloseAndReceive says why
		} else if err != nil {
			return err
		}
	}
	_, err := stream.CloseAndReceive()
	return err
}

func (c connectClient) Chat(ctx context.Context, count int, next func() *benchpb.Message, got func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := c.client.Chat(ctx)
	go func() {
		for range count {
			if err := stream.Send(next()); err != nil {
				return // Receive says why
			}
		}
		_ = stream.CloseRequest()
	}()
	return receiveConnect(stream, got)
}

func receiveConnect(stream *connect.BidiStreamForClient[benchpb.Message, benchpb.Message], got func()) error {
	for {
		_, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return stream.CloseResponse()
		}
		if err != nil {
			return err
		}
		got()
	}
}

func (c connectClient) PingPong(ctx context.Context, count int, msg *benchpb.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := c.client.Chat(ctx)
	for range count {
		if err := stream.Send(msg); err != nil {
			return err
		}
		if _, err := stream.Receive(); err != nil {
			return err
		}
	}
	if err := stream.CloseRequest(); err != nil {
		return err
	}
	return receiveConnect(stream, func() {})
}
