package ignoredposition

import (
	"context"
	"iter"

	"squares"

	"github.com/gohostrpc/gohost/stream"
)

type (
	message   = squares.Message
	service   = squares.SquareServiceStub
	responses = iter.Seq2[*message, error]
)

func number(msg *message) float64 { return msg.Number }

func ignores(ctx context.Context, stub service) {
	stream.Resume(ctx, func(ctx context.Context, after float64) responses { // want `the position after is not used: the stream is opened again from its beginning, or with a gap`
		return stub.RangeSquare(ctx, new(message))
	}, number)
	open := (func(ctx context.Context, after float64) responses { // want `the position after is not used`
		_ = after
		return stub.RangeSquare(ctx, new(message))
	})
	stream.Resume(ctx, open, number)
	stream.Resume(ctx, declared, number)
	stream.Resume(ctx, (watcher{}).open, number)
	stream.Resume(ctx, watcher{}.open, number)
}

func declared(ctx context.Context, at float64) responses { return nil } // want `the position at is not used`

type watcher struct{ service }

func (w watcher) open(ctx context.Context, after float64) responses { // want `the position after is not used`
	return w.RangeSquare(ctx, new(message))
}

func goesOn(ctx context.Context, stub service, last float64, run func(func(context.Context, float64) responses)) {
	stream.Resume(ctx, func(ctx context.Context, after float64) responses {
		return stub.RangeSquare(ctx, &message{Number: max(after, last)})
	}, number)
	stream.Resume(ctx, func(ctx context.Context, _ float64) responses { // deliberate
		return stub.RangeSquare(ctx, new(message))
	}, number)
	stream.Resume(ctx, func(context.Context, float64) responses { return nil }, number)
	run(func(ctx context.Context, after float64) responses { return nil })
	open := func(ctx context.Context, after float64) responses {
		return stub.RangeSquare(ctx, &message{Number: after})
	}
	stream.Resume(ctx, open, func(msg *message) float64 { return 0 })
}
