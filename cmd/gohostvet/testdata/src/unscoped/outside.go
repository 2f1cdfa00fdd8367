package unscoped

import (
	"context"
	"iter"
	"time"

	"squares"

	"github.com/gohostrpc/gohost/stream"
)

type responses = iter.Seq2[*message, error]

// Functions that ignore the context that would end their call.
func ignored(ctx context.Context, stub service) {
	stream.Within(ctx, time.Second, func(context.Context) responses {
		return stub.RangeSquare(ctx, nil) // want `this context outlives the call: the function that makes the call is given one that ends with it`
	})
	stream.FirstWithin(ctx, time.Second, (func(_ context.Context) responses {
		return stub.RangeSquare((ctx), nil) // want `this context outlives the call`
	}))
	stream.Scope(ctx, func(scope context.Context) responses {
		return stub.RangeSquare(context.Background(), nil) // want `this context outlives the call`
	})
	stream.Resume(ctx, func(_ context.Context, after float64) responses {
		return stub.RangeSquare(ctx, &message{Number: after}) // want `this context outlives the call`
	}, number)
	stream.ScopeResult(ctx, func(context.Context) (*message, error) {
		return stub.Square(ctx, nil) // want `this context outlives the call`
	})
	named := func(context.Context) responses {
		return stub.RangeSquare(ctx, nil) // want `this context outlives the call`
	}
	stream.Within(ctx, time.Second, named)
	stream.FirstWithin(ctx, time.Second, named)
	stream.Scope(ctx, ignoring{ctx}.call)
}

func number(msg *message) float64 { return msg.Number }

type ignoring struct{ ctx context.Context }

func (i ignoring) call(ctx context.Context) responses {
	return squares.SquareServiceStub{}.RangeSquare(i.ctx, nil) // want `this context outlives the call`
}

func used(ctx context.Context, stub service, run func(func(context.Context) responses), ready responses) {
	stream.Within(ctx, time.Second, func(scope context.Context) responses {
		log(ctx)
		return stub.RangeSquare(context.WithValue(scope, "key", "value"), nil)
	})
	stream.Within(ctx, time.Second, func(context.Context) responses { return ready })
	stream.Within(ctx, time.Second, func(context.Context) responses { return stub.RangeSquare(nil, nil) })
	run(func(context.Context) responses { return stub.RangeSquare(ctx, nil) })
	stream.Scope(ctx, gatewayOfScopes{}.call)
}

func log(context.Context) {}

// The scopes of limits and resumptions, and requests that are kept open.
func limits(ctx context.Context, stub service, ch chan *message) {
	stream.Within(ctx, time.Second, func(ctx context.Context) responses {
		return stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch))
	})
	stream.FirstWithin(ctx, time.Second, func(ctx context.Context) responses {
		return stub.StreamrangeSquare(ctx, stream.KeepOpen(ctx, stream.Of(new(message))))
	})
	stream.Resume(ctx, func(ctx context.Context, after float64) responses {
		return stub.StreamrangeSquare(ctx, stream.KeepOpen(ctx, stream.Of(&message{Number: after})))
	}, number)
	stream.Within(ctx, time.Second, func(scope context.Context) responses {
		return stub.StreamrangeSquare(scope, stream.FromChan(ctx, ch)) // want `the requests wait`
	})
	for _, err := range stub.StreamrangeSquare(ctx, stream.KeepOpen(ctx, stream.Of(new(message)))) { // want `the requests wait`
		_ = err
	}
}
