package gateway_test

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// around wraps a stub, like a cache. It reports the errors of its calls, and
// adds something to them.
type around struct {
	stubOf
	told func(error)
}

func (a around) seq(seq msgs) msgs {
	return func(yield func(*msg, error) bool) {
		for m, err := range seq {
			if err != nil {
				a.told(err)
				err = fmt.Errorf("from behind: %w", err)
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

func (a around) one(m *msg, err error) (*msg, error) {
	if err != nil {
		a.told(err)
		return nil, fmt.Errorf("from behind: %w", err)
	}
	return m, nil
}

func (a around) Square(ctx context.Context, req *msg) (*msg, error) {
	return a.one(a.stubOf.Square(ctx, req))
}

func (a around) RangeSquare(ctx context.Context, req *msg) msgs {
	return a.seq(a.stubOf.RangeSquare(ctx, req))
}

func (a around) SumSquare(ctx context.Context, reqs msgs) (*msg, error) {
	return a.one(a.stubOf.SumSquare(ctx, reqs))
}

func (a around) StreamrangeSquare(ctx context.Context, reqs msgs) msgs {
	return a.seq(a.stubOf.StreamrangeSquare(ctx, reqs))
}

// decorated registers a stub with a wrapper.
func decorated(told func(error)) func(grpc.ServiceRegistrar, stubOf) {
	return func(r grpc.ServiceRegistrar, s stubOf) { squares.RegisterSquareService(r, around{s, told}) }
}
