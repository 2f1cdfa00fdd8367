package unstopped

import (
	"context"
	"iter"

	"squares"

	"github.com/gohostrpc/gohost/stream"
)

type message = squares.Message

func client(ctx context.Context, stub squares.SquareServiceStub) {
	next, _ := iter.Pull2(stub.RangeSquare(ctx, nil)) // want `the sequence is never stopped, and its RPC stays open: next, stop := …; defer stop\(\)`
	next()
	next, _ = iter.Pull2(stub.RangeSquare(ctx, nil))            // want `never stopped`
	var nextInVar, _ = (iter.Pull2(stub.RangeSquare(ctx, nil))) // want `never stopped`
	nextInVar()
	next, unused := iter.Pull2(stub.RangeSquare(ctx, nil)) // want `never stopped`
	_ = unused

	recv, _ := stream.ToRecv(stub.RangeSquare(ctx, nil)) // want `never stopped`
	recv()

	var stop func()
	next, stop = iter.Pull2(stub.RangeSquare(ctx, nil)) // want `never stopped`
	_ = stop
}

// A sequence without errors may be made from one with errors.
func values(seq iter.Seq2[*message, error]) iter.Seq[*message] {
	return func(yield func(*message) bool) {
		for msg, err := range seq {
			if err != nil || !yield(msg) {
				return
			}
		}
	}
}

func plain(ctx context.Context, stub squares.SquareServiceStub) {
	next, _ := iter.Pull(values(stub.RangeSquare(ctx, nil))) // want `never stopped`
	next()
	nextOfLiteral, _ := iter.Pull(func(yield func(float64) bool) { // want `never stopped`
		for msg, err := range stub.RangeSquare(ctx, nil) {
			if err != nil || !yield(msg.Number) {
				return
			}
		}
	})
	nextOfLiteral()
}

type pulled struct {
	next func() (*message, error, bool)
	stop func()
}

func good(ctx context.Context, stub squares.SquareServiceStub, cleanup func(func())) (p pulled, end func()) {
	next, stop := iter.Pull2(stub.RangeSquare(ctx, nil))
	defer stop()
	next()
	if _, stop := iter.Pull2(stub.RangeSquare(ctx, nil)); ctx != nil {
		stop()
	}
	_, passedOn := iter.Pull2(stub.RangeSquare(ctx, nil))
	cleanup(passedOn)
	_, inLiteral := iter.Pull2(stub.RangeSquare(ctx, nil))
	defer func() { inLiteral() }()
	_, p.stop = iter.Pull2(stub.RangeSquare(ctx, nil))
	p.next, stop = iter.Pull2(stream.Of(new(message)))
	_, end = iter.Pull2(stub.RangeSquare(ctx, nil))
	take(iter.Pull2(stub.RangeSquare(ctx, nil)))
	recv, stopRecv := stream.ToRecv(stub.RangeSquare(ctx, nil))
	defer stopRecv()
	recv()
	return
}

func returned(seq iter.Seq2[*message, error]) (func() (*message, error, bool), func()) {
	return iter.Pull2(seq)
}

func take(next func() (*message, error, bool), stop func()) {}

// Other tools check other sequences.
func other(names iter.Seq2[int, string], numbers iter.Seq[int]) {
	next, _ := iter.Pull2(names)
	next()
	nextNumber, _ := iter.Pull(numbers)
	nextNumber()
	nextLiteral, _ := iter.Pull(func(yield func(int) bool) { yield(1) })
	nextLiteral()
}
