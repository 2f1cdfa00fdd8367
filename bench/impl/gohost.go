package impl

import (
	"context"
	"io"
	"iter"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/stream"
)

type gohostServer struct {
	benchpb.UnimplementedBench
}

func (gohostServer) Unary(_ context.Context, msg *benchpb.Message) (*benchpb.Message, error) {
	return msg, nil
}

func (gohostServer) Download(ctx context.Context, order *benchpb.Order) iter.Seq2[*benchpb.Message, error] {
	return func(yield func(*benchpb.Message, error) bool) {
		msg := &benchpb.Message{Data: make([]byte, order.GetSize())}
		for range abs(order.GetCount()) {
			if !yield(msg, nil) {
				return
			}
		}
		if order.GetCount() < 0 {
			<-ctx.Done()
		}
	}
}

func (gohostServer) Upload(_ context.Context, msgs iter.Seq2[*benchpb.Message, error]) (*benchpb.Message, error) {
	var last *benchpb.Message
	for msg, err := range msgs {
		if err != nil {
			return nil, err
		}
		last = msg
	}
	return last, nil
}

func (gohostServer) Chat(_ context.Context, msgs iter.Seq2[*benchpb.Message, error]) iter.Seq2[*benchpb.Message, error] {
	return msgs
}

type gohostClient struct {
	stub  benchpb.BenchStub
	fresh benchpb.BenchStub // does not reuse messages: a conversation receives ahead
}

func (s Setting) startGohost(reuse bool) (Client, func(), error) {
	server := grpc.NewServer(s.server...)
	if reuse {
		benchpb.RegisterBench(stream.ReuseRequests(server), gohostServer{})
	} else {
		benchpb.RegisterBench(server, gohostServer{})
	}
	cc, stop, err := s.serve(server)
	if err != nil {
		return nil, nil, err
	}
	fresh := benchpb.NewBenchStub(cc)
	bench := fresh
	if reuse {
		bench = fresh.With(stream.ReuseMessages())
	}
	return gohostClient{bench, fresh}, stop, nil
}

func (c gohostClient) Unary(ctx context.Context, msg *benchpb.Message) error {
	_, err := c.stub.Unary(ctx, msg)
	return err
}

func (c gohostClient) Download(ctx context.Context, count, size int, got func()) error {
	order := &benchpb.Order{Count: int64(count), Size: int64(size)}
	for _, err := range c.stub.Download(ctx, order) {
		if err != nil {
			return err
		}
		got()
	}
	return nil
}

func (c gohostClient) Upload(ctx context.Context, count int, next func() *benchpb.Message) error {
	_, err := c.stub.Upload(ctx, repeat(count, next))
	return err
}

func (c gohostClient) Chat(ctx context.Context, count int, next func() *benchpb.Message, got func()) error {
	for _, err := range c.stub.Chat(ctx, repeat(count, next)) {
		if err != nil {
			return err
		}
		got()
	}
	return nil
}

func repeat(count int, next func() *benchpb.Message) iter.Seq2[*benchpb.Message, error] {
	return func(yield func(*benchpb.Message, error) bool) {
		for range count {
			if !yield(next(), nil) {
				return
			}
		}
	}
}

func (c gohostClient) PingPong(ctx context.Context, count int, msg *benchpb.Message) error {
	chat := stream.Open(ctx, c.fresh.Chat)
	defer chat.Close()
	for range count {
		if err := chat.Send(msg); err != nil && err != io.EOF {
			return err
		}
		if _, err := chat.Recv(); err != nil {
			return err
		}
	}
	chat.CloseSend()
	return receive(chat, func() {})
}
