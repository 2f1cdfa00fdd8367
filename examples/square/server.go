package main

import (
	"context"
	"iter"
	"runtime"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// squareServer implements the service. Responses are iterators that it returns, and
// requests are iterators that it ranges over.
type squareServer struct{}

func (squareServer) Square(_ context.Context, req *squares.Message) (*squares.Message, error) {
	if req.GetMessage() < 0 {
		return nil, status.Errorf(codes.InvalidArgument, "%v is negative", req.GetMessage())
	}
	return &squares.Message{Message: req.GetMessage() * req.GetMessage()}, nil
}

func (s squareServer) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for i := 1.0; i <= req.GetMessage(); i++ {
			if !yield(s.Square(ctx, &squares.Message{Message: i})) {
				return // the client has gone
			}
		}
	}
}

func (s squareServer) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := 0.0
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		res, err := s.Square(ctx, req)
		if err != nil {
			return nil, err
		}
		sum += res.GetMessage()
	}
	return &squares.Message{Message: sum}, nil
}

// answersKey is the metadata key with which a client chooses how StreamrangeSquare
// answers.
const (
	answersKey = "answers"
	forEach    = "for-each"     // request as it arrives (the default)
	afterLast  = "after-last"   // request has been read
	onAllCores = "on-all-cores" // computed in parallel, sent in the order of the requests
)

func (s squareServer) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	switch strings.Join(metadata.ValueFromIncomingContext(ctx, answersKey), ",") {
	case "", forEach:
		return stream.Map(reqs, func(req *squares.Message) (*squares.Message, error) { return s.Square(ctx, req) })
	case afterLast:
		return s.afterLast(ctx, reqs)
	case onAllCores:
		return parallel(ctx, reqs, runtime.GOMAXPROCS(0), addUp)
	}
	return func(yield func(*squares.Message, error) bool) {
		yield(nil, status.Errorf(codes.InvalidArgument, "%s is not one of %s, %s and %s", answersKey, forEach, afterLast, onAllCores))
	}
}

// afterLast reads all requests before it answers the first.
func (s squareServer) afterLast(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		all, err := stream.Collect(reqs)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, req := range all {
			if !yield(s.Square(ctx, req)) {
				return
			}
		}
	}
}

// addUp squares a whole number the ancient way, 1 + 3 + 5 + … + (2n-1) = n², which
// keeps a core busy if the number is large.
func addUp(req *squares.Message) (*squares.Message, error) {
	sum := 0.0
	for i := 1.0; i <= req.GetMessage(); i++ {
		sum += 2*i - 1
	}
	return &squares.Message{Message: sum}, nil
}
