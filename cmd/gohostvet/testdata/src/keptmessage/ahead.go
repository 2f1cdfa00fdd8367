package keptmessage

import (
	"context"
	"iter"
	"time"

	"github.com/gohostrpc/gohost/stream"
	"squares"
)

// These hold a message while the next one is received.
func (c *client) ahead(ctx context.Context) {
	stream.ToChan(ctx, c.reusing.RangeSquare(ctx, nil)) // want `a Chan receives the next message while this one is in use, and both are the same reused message`
	stream.ToChan(ctx, c.fresh.RangeSquare(ctx, nil))
	stream.Open(ctx, c.reusing.StreamrangeSquare) // want `a conversation receives one message ahead, and all are the same reused message`
	stream.Open(ctx, c.fresh.StreamrangeSquare)
}

// The messages of a scope are those of its call.
func (c *client) scopes(ctx context.Context) {
	stream.Collect(stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*squares.Message, error] { // want `collected`
		return c.reusing.RangeSquare(ctx, nil)
	}))
	within := stream.Within(ctx, time.Second, (func(ctx context.Context) iter.Seq2[*squares.Message, error] {
		return c.reusing.RangeSquare(ctx, nil)
	}))
	for msg, err := range within {
		if err == nil {
			c.last = msg // want `kept`
		}
	}
	stream.Collect(stream.Resume(ctx, func(ctx context.Context, after float64) iter.Seq2[*squares.Message, error] { // want `collected`
		if after == 0 {
			return nil
		}
		return c.reusing.RangeSquare(ctx, &squares.Message{Number: after})
	}, func(msg *squares.Message) float64 { return msg.Number }))
	stream.Collect(stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*squares.Message, error] {
		_ = func() iter.Seq2[*squares.Message, error] { return c.reusing.RangeSquare(ctx, nil) }
		return c.fresh.RangeSquare(ctx, nil)
	}))
}
