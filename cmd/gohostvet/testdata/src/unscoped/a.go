package unscoped

import (
	"context"
	"iter"

	"squares"

	"github.com/gohostrpc/gohost/stream"
)

type (
	message = squares.Message
	service = squares.SquareServiceStub
)

func ranges(ctx context.Context, stub service, outbox <-chan *message) {
	for _, err := range stub.StreamrangeSquare(ctx, stream.FromChan(ctx, outbox)) { // want `the requests wait for a context that outlives the call: make the call in stream.Scope\(ctx, func\(ctx context.Context\) iter.Seq2\[\*squares.Message, error\] { return … }\), with its ctx for both`
		if err != nil {
			break
		}
	}
	stub.SumSquare(ctx, stream.FromChan(ctx, outbox)) // want `the requests wait for a context that outlives the call: make the call in stream.ScopeResult\(ctx, func\(ctx context.Context\) \(\*squares.Message, error\) { return … }\), with its ctx for both`
}

func waits(ctx context.Context, stub service, topic *stream.Topic[*message], numbers <-chan float64) {
	stub.SumSquare(ctx, topic.Subscribe(ctx))                                                    // want `outlives the call`
	stub.SumSquare(ctx, (stream.Map(stream.FromChan(ctx, numbers), square)))                     // want `outlives the call`
	stub.SumSquare(ctx, stream.Map(stream.Map(topic.Subscribe(ctx), same), same))                // want `outlives the call`
	stub.SumSquare(ctx, topic.Subscribe(context.Background()))                                   // want `outlives the call`
	stub.SumSquare(ctx, stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*message, error] { // want `outlives the call`
		return stub.RangeSquare(ctx, nil)
	}))
	reqs := stream.FromChan(ctx, numbers)
	mapped := stream.Map(reqs, square)
	mapped = stream.Map(mapped, same)
	stub.SumSquare(ctx, mapped) // want `outlives the call`
	var declared = topic.Subscribe(ctx)
	stub.SumSquare(ctx, declared) // want `outlives the call`
}

func square(n float64) (*message, error)  { return &message{Number: n}, nil }
func same(msg *message) (*message, error) { return msg, nil }

type gateway struct {
	squares.SquareService
	upstream squares.SquareService
	ch       chan *message
	ctx      context.Context
}

// The context ends when the handler has returned, but the call may end earlier.
func (g gateway) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*message, error]) iter.Seq2[*message, error] {
	return g.upstream.StreamrangeSquare(ctx, stream.FromChan(ctx, g.ch)) // want `outlives the call`
}

func (g gateway) SumSquare(ctx context.Context, reqs iter.Seq2[*message, error]) (*message, error) {
	return g.upstream.SumSquare(ctx, stream.FromChan(g.ctx, g.ch)) // want `outlives the call`
}

// A context around a Scope outlives the calls in it.
func outside(ctx context.Context, stub service, ch chan *message) iter.Seq2[*message, error] {
	return stream.Scope(ctx, func(inner context.Context) iter.Seq2[*message, error] {
		return stub.StreamrangeSquare(inner, stream.FromChan(ctx, ch)) // want `outlives the call`
	})
}

// A function that is not passed to a Scope.
func other(ctx context.Context, stub service, ch chan *message, run func(func(context.Context))) {
	run(func(ctx context.Context) {
		stub.SumSquare(ctx, stream.FromChan(ctx, ch)) // want `outlives the call`
	})
	f := func(ctx context.Context) {
		stub.SumSquare(ctx, stream.FromChan(ctx, ch)) // want `outlives the call`
	}
	run(f)
}

func scoped(ctx context.Context, stub service, ch chan *message) {
	responses := stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*message, error] {
		return stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch))
	})
	for _, err := range responses {
		_ = err
	}
	stream.ScopeResult(ctx, func(ctx context.Context) (*message, error) {
		reqs := stream.Map(stream.FromChan(context.WithValue(ctx, "key", "value"), ch), same)
		return stub.SumSquare(ctx, reqs)
	})
	stream.ScopeResult(ctx, (func(ctx context.Context) (*message, error) {
		group, groupCtx := withGroup(ctx)
		defer group.wait()
		return stub.SumSquare(groupCtx, stream.FromChan(groupCtx, ch))
	}))
	call := func(ctx context.Context) (*message, error) {
		return stub.SumSquare(ctx, stream.FromChan(ctx, ch))
	}
	stream.ScopeResult(ctx, call)
	g := gatewayOfScopes{}
	stream.Scope(ctx, g.call)
}

type gatewayOfScopes struct {
	stub service
	ch   chan *message
}

func (g gatewayOfScopes) call(ctx context.Context) iter.Seq2[*message, error] {
	return g.stub.StreamrangeSquare(ctx, stream.FromChan(ctx, g.ch))
}

type group struct{}

func (group) wait() {}

func withGroup(ctx context.Context) (group, context.Context) { return group{}, ctx }

// Requests that end by themselves, and unknown functions.
func ends(ctx context.Context, stub service, ch chan *message, reqs iter.Seq2[*message, error]) {
	stub.SumSquare(ctx, reqs)
	stub.SumSquare(ctx, stream.Of(new(message)))
	stub.SumSquare(ctx, stub.RangeSquare(ctx, nil))
	stub.SumSquare(ctx, wrap(stream.FromChan(ctx, ch)))
	stub.SumSquare(ctx, stream.Generate(func(send func(*message) error) error { return nil }))
	stub.Square(ctx, nil)
	stream.Collect(stream.FromChan(ctx, ch))
}

func wrap(seq iter.Seq2[*message, error]) iter.Seq2[*message, error] { return seq }

// These range a sequence and then return.
func noMethodOfAService(ctx context.Context, ch chan *message, numbers chan int, s store) {
	save(ctx, stream.FromChan(ctx, ch))
	s.save(ctx, stream.FromChan(ctx, numbers))
	s.saveAs(ctx, "name", stream.FromChan(ctx, ch))
	s.later(ctx, stream.FromChan(ctx, ch))
}

func save(ctx context.Context, seq iter.Seq2[*message, error]) (*message, error) { return nil, nil }

type store struct {
	later func(context.Context, iter.Seq2[*message, error]) (*message, error)
}

func (store) save(ctx context.Context, seq iter.Seq2[int, error]) (*message, error) { return nil, nil }

func (store) saveAs(ctx context.Context, name string, seq iter.Seq2[*message, error]) (*message, error) {
	return nil, nil
}
