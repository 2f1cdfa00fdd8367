package main

import (
	"context"
	"iter"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

type squareServer struct{}

func (squareServer) Square(_ context.Context, req *squares.Message) (*squares.Message, error) {
	return number(req.GetMessage() * req.GetMessage()), nil
}

func (squareServer) RangeSquare(_ context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return stream.From(func(yield func(*squares.Message) bool) {
		for i := 1.0; i <= req.GetMessage() && yield(number(i*i)); i++ {
		}
	})
}

func (squareServer) SumSquare(_ context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := 0.0
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		sum += req.GetMessage() * req.GetMessage()
	}
	return number(sum), nil
}

func (s squareServer) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return stream.Map(reqs, func(req *squares.Message) (*squares.Message, error) { return s.Square(ctx, req) })
}

type feedServer struct {
	feed.UnimplementedRedisStream
}

func (feedServer) Sub(_ context.Context, req *feed.SubRequest) iter.Seq2[*feed.Entry, error] {
	return stream.Of(&feed.Entry{Id: req.GetStream() + "-1"}, &feed.Entry{Id: req.GetStream() + "-2"})
}

type greeterServer struct {
	greeter.UnimplementedGreeter
}

func (greeterServer) SayHello(_ context.Context, req *greeter.HelloRequest) (*greeter.HelloReply, error) {
	return &greeter.HelloReply{Message: "hello " + req.GetName()}, nil
}
