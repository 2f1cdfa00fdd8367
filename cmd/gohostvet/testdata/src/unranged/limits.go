package unranged

import (
	"context"
	"iter"
	"time"

	"github.com/gohostrpc/gohost/stream"
	"squares"
)

func limits(ctx context.Context, stub squares.SquareServiceStub, chat *stream.Conversation[*squares.Message, *squares.Message]) {
	list := func(ctx context.Context) iter.Seq2[*squares.Message, error] { return stub.RangeSquare(ctx, nil) }
	stream.Within(ctx, time.Second, list)                                                            // want `never ranged`
	stream.FirstWithin(ctx, time.Second, list)                                                       // want `never ranged`
	stream.KeepOpen(ctx, list(ctx))                                                                  // want `never ranged`
	stream.Resume(ctx, func(ctx context.Context, after float64) iter.Seq2[*squares.Message, error] { // want `never ranged`
		return stub.RangeSquare(ctx, &squares.Message{Number: after})
	}, func(msg *squares.Message) float64 { return msg.Number })
	chat.Responses() // want `never ranged`
	stream.Collect(stream.Within(ctx, time.Second, list))
}
