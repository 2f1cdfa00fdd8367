package main

import (
	"context"
	"iter"
	"net"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// address is the address that a server listens on.
type address string

// server is a server that is listening.
type server struct{ addr address }

// serve starts a server of a service. It also returns a function that stops it.
func serve(service squares.SquareService) (server, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return server{}, nil, err
	}
	s := grpc.NewServer()
	squares.RegisterSquareService(s, service)
	go s.Serve(listener) //nolint:errcheck // it returns when the server is stopped
	return server{address(listener.Addr().String())}, s.Stop, nil
}

// squarer computes squares.
type squarer struct{}

func newSquarer() squarer { return squarer{} }

func (squarer) Square(_ context.Context, req *squares.Message) (*squares.Message, error) {
	n := req.GetMessage()
	return &squares.Message{Message: n * n}, nil
}

func (s squarer) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for n := 1.0; n <= req.GetMessage(); n++ {
			if !yield(s.Square(ctx, &squares.Message{Message: n})) {
				return
			}
		}
	}
}

func (s squarer) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := new(squares.Message)
	for square, err := range s.StreamrangeSquare(ctx, reqs) {
		if err != nil {
			return nil, err
		}
		sum.Message += square.GetMessage()
	}
	return sum, nil
}

func (s squarer) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return stream.Map(reqs, func(req *squares.Message) (*squares.Message, error) { return s.Square(ctx, req) })
}
