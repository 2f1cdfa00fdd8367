package unstopped

import (
	"context"
	"iter"
	"testing"

	"squares"

	"github.com/gohostrpc/gohost/stream"
)

func channels(ctx context.Context, stub squares.SquareServiceStub, tick <-chan bool) error {
	stream.ToChan(ctx, stub.RangeSquare(ctx, nil))                // want `the Chan is never stopped, and its goroutine stays: defer its Stop`
	_ = stream.ToChan(ctx, stub.RangeSquare(ctx, nil))            // want `never stopped`
	channel := (stream.ToChan(ctx, stub.RangeSquare(ctx, nil))).C // want `never stopped`
	<-channel
	responses := stream.ToChan(ctx, stub.RangeSquare(ctx, nil)) // want `never stopped`
	for {
		select {
		case _, ok := <-(responses).C:
			if !ok {
				return responses.Err()
			}
		case <-tick:
			return nil
		}
	}
}

// A handler's context ends with the handler; the sequence must end earlier.
func handler(ctx context.Context, reqs iter.Seq2[*message, error]) (*message, error) {
	requests := stream.ToChan(ctx, reqs) // want `never stopped`
	msg := <-requests.C
	return msg, requests.Err()
}

type keeper struct{ c *stream.Chan[*message] }

func stopped(ctx context.Context, t *testing.T, stub squares.SquareServiceStub, k *keeper) *stream.Chan[*message] {
	deferred := stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	defer deferred.Stop()
	cleaned := stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	t.Cleanup(cleaned.Stop)
	ranged := stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	for msg := range ranged.C {
		_ = msg
	}
	for range stream.ToChan(ctx, stub.RangeSquare(ctx, nil)).C {
	}
	k.c = stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	stored := stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	k.c = stored
	ofTest := stream.ToChan(t.Context(), stub.RangeSquare(ctx, nil))
	<-ofTest.C
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cancelled := stream.ToChan(ctx, stub.RangeSquare(ctx, nil))
	<-cancelled.C
	return stream.ToChan(context.Background(), stub.RangeSquare(ctx, nil))
}
