package keptmessage

import (
	"context"
	"iter"

	"github.com/gohostrpc/gohost/stream"
	"google.golang.org/grpc"
	"squares"
)

func serve(server grpc.ServiceRegistrar) {
	squares.RegisterSquareService(stream.ReuseRequests(server), &reusing{})
	reused := stream.ReuseRequests(server)
	other := new(alsoReusing)
	squares.RegisterSquareService(reused, other)
	squares.RegisterSquareService(server, fresh{})
}

type reusing struct {
	squares.SquareService
	last *squares.Message
}

func (r *reusing) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	var header *squares.Message
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		header = req // want `kept`
		break
	}
	// Ranging again continues with the same requests.
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		use(header, req)
	}
	return nil, nil
}

func (r *reusing) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for req, err := range reqs {
			r.last = req // want `kept`
			if !yield(req, err) {
				return
			}
		}
	}
}

type alsoReusing struct{ squares.SquareService }

func (alsoReusing) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	all, err := stream.Collect(reqs) // want `collected messages are the same`
	use(all)
	return nil, err
}

func (alsoReusing) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	var header *squares.Message
	for req, err := range reqs {
		use(err)
		header = req // used before the next request is received
		break
	}
	use(header)
	for _, err := range other {
		use(header, err)
	}
	return reqs
}

var other iter.Seq2[*squares.Message, error]

type fresh struct{ squares.SquareService }

func (fresh) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	var all []*squares.Message
	for req, err := range reqs {
		use(err)
		all = append(all, req)
	}
	use(all)
	return nil, nil
}
