package unranged

import (
	"context"

	"github.com/gohostrpc/gohost/stream"
	"squares"
)

func client(ctx context.Context, stub squares.SquareServiceStub) {
	stub.RangeSquare(ctx, nil)                     // want `the sequence is never ranged, and does nothing until it is`
	go stub.RangeSquare(ctx, nil)                  // want `never ranged`
	defer (stub.StreamrangeSquare)(ctx, nil)       // want `never ranged`
	(stream.Map(stub.RangeSquare(ctx, nil), root)) // want `never ranged`

	stub.Square(ctx, nil)
	_ = stub.RangeSquare(ctx, nil) // deliberate
	stream.Collect(stub.RangeSquare(ctx, nil))
	stub.SumSquare(ctx, stub.RangeSquare(ctx, nil))
	for _, err := range stub.RangeSquare(ctx, nil) {
		_ = err
	}
}

func root(msg *squares.Message) (float64, error) { return msg.Number, nil }

// Functions of other shapes are not sequences.
func otherShapes(
	sequence func() func(func(int, error) bool),
	noBool func() func(func(int, error) string),
	noResult func() func(func(int, error)),
	twoResults func() func(func(int, error) (bool, error)),
	noError func() func(func(int, string) bool),
	variadicYield func() func(func(int, ...error) bool),
	variadic func() func(...func(int, error) bool),
	twoYields func() func(_, _ func(int, error) bool),
	fails func() func(func(int, error) bool) error,
) {
	sequence() // want `never ranged`
	noBool()
	noResult()
	twoResults()
	noError()
	variadicYield()
	variadic()
	twoYields()
	fails()
}
