package droppederror

import (
	"context"

	"github.com/gohostrpc/gohost/stream"
	"squares"
)

func channels(ctx context.Context, stub squares.SquareServiceStub, tick <-chan bool) error {
	ranged := stream.ToChan(ctx, stub.RangeSquare(ctx, nil)) // want `the error of the sequence is never read: when C is closed, call Err`
	for msg := range ranged.C {
		_ = msg
	}
	selected := stream.ToChan(ctx, stub.RangeSquare(ctx, nil)) // want `never read`
	defer selected.Stop()
	select {
	case <-selected.C:
	case <-tick:
	}
	for range stream.ToChan(ctx, stub.RangeSquare(ctx, nil)).C { // want `never read`
	}
	asked := stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	for range asked.C {
	}
	return asked.Err()
}

func fine(ctx context.Context, stub squares.SquareServiceStub, use func(*stream.Chan[*squares.Message])) *stream.Chan[*squares.Message] {
	passed := stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	use(passed)
	<-passed.C
	anyhow := stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	<-anyhow.C
	_ = anyhow.Err() // deliberate
	certain := stream.ToChan(ctx, stream.Of(new(squares.Message)))
	<-certain.C
	stream.ToChan(ctx, stub.RangeSquare(ctx, nil)).Stop() // nothing was received
	return stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
}
