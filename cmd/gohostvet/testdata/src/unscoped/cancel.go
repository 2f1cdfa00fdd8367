package unscoped

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/stream"
)

// The cancel function is called at some time after a client-streaming call.
func clientStreaming(ctx context.Context, t *testing.T, stub service, ch chan *message) {
	timed, cancelTimed := context.WithTimeout(ctx, time.Second)
	defer cancelTimed()
	stub.SumSquare(timed, stream.FromChan(timed, ch))
	called, cancel := context.WithCancel(ctx)
	stub.SumSquare(called, stream.FromChan(called, ch))
	stub.SumSquare(called, nil)
	cancel()
	inLiteral, cancelInLiteral := context.WithCancelCause(ctx)
	defer func() { cancelInLiteral(nil) }()
	stub.SumSquare(ctx, stream.FromChan(inLiteral, ch))
	ctx, cancelLater := context.WithCancel(ctx)
	t.Cleanup(cancelLater)
	stub.SumSquare(ctx, stream.FromChan(context.WithValue(ctx, "key", "value"), ch))
}

func notCancelled(ctx context.Context, stub service, ch chan *message, quit chan bool) {
	dropped, _ := context.WithTimeout(ctx, time.Second)
	stub.SumSquare(dropped, stream.FromChan(dropped, ch)) // want `outlives the call`
	early, cancel := context.WithCancel(ctx)
	if ch == nil {
		cancel()
	}
	stub.SumSquare(early, stream.FromChan(early, ch)) // want `outlives the call`
	another, cancelAnother := context.WithCancel(ctx)
	defer cancelAnother()
	stub.SumSquare(another, stream.FromChan(ctx, ch))                            // want `outlives the call`
	stub.SumSquare(another, stream.FromChan(context.WithoutCancel(another), ch)) // want `outlives the call`
	for range 3 {
		stub.SumSquare(another, stream.FromChan(another, ch)) // want `outlives the call`
	}
	go func() {
		stub.SumSquare(another, stream.FromChan(another, ch)) // want `outlives the call`
	}()
}

func eachAttempt(ctx context.Context, stub service, ch chan *message) {
	for {
		attempt, cancel := context.WithCancel(ctx)
		stub.SumSquare(attempt, stream.FromChan(attempt, ch))
		cancel()
	}
	for i := 0; i < 3; i++ {
		attempt, cancel := context.WithCancel(ctx)
		for _, err := range stub.StreamrangeSquare(attempt, stream.FromChan(attempt, ch)) {
			_ = err
		}
		cancel()
	}
	for {
		attempt, cancel := context.WithCancel(ctx)
		defer cancel()
		stub.SumSquare(attempt, stream.FromChan(attempt, ch)) // want `outlives the call`
	}
	attempt, cancel := context.WithCancel(ctx)
	for {
		stub.SumSquare(attempt, stream.FromChan(attempt, ch)) // want `outlives the call`
		if ch == nil {
			cancel()
		}
	}
	cancel()
}

func cancelsTheLast(ctx context.Context, stub service, ch chan *message) {
	var cancel func()
	for range 3 {
		ctx, cancel = context.WithCancel(ctx)
		stub.SumSquare(ctx, stream.FromChan(ctx, ch)) // want `outlives the call`
	}
	cancel()
}

// After a bidirectional call comes the cancel function, or nothing.
func lastOfAll(ctx context.Context, stub service, ch chan *message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if ch != nil {
	loop:
		for _, err := range stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) {
			if err != nil {
				break loop
			}
		}
		return nil
	}
	if ctx != nil {
		_, err := stream.Collect(stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)))
		return err
	}
	responses := stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch))
	responses = stream.Map(responses, same)
	for _, err := range stream.Map(responses, same) {
		_ = err
	}
	return nil
}

func last(ctx context.Context, stub service, ch chan *message) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, err := range stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) {
		_ = err
	}
}

func pull(ctx context.Context, stub service, ch chan *message) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next, stop := iter.Pull2(stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)))
	defer stop()
	next()
}

func toRecv(ctx context.Context, stub service, ch chan *message) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	recv, stop := stream.ToRecv(stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)))
	defer stop()
	recv()
}

func next(ctx context.Context, stub service, ch chan *message) {
	ctx, cancel := context.WithCancel(ctx)
	for _, err := range stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) {
		_ = err
	}
	cancel()
	time.Sleep(time.Hour)
}

func goesOn(ctx context.Context, stub service, ch chan *message) iter.Seq2[*message, error] {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, err := range stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) { // want `outlives the call`
		_ = err
	}
	if ch != nil {
		for _, err := range stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) { // want `outlives the call`
			_ = err
		}
	}
	time.Sleep(time.Hour)
	next, stop := iter.Pull2(stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch))) // want `outlives the call`
	next()
	stop()
	twice := stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) // want `outlives the call`
	for _, err := range twice {
		_ = err
	}
	time.Sleep(time.Hour)
	for _, err := range twice {
		_ = err
	}
	inLoop := stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) // want `outlives the call`
	for range 3 {
		stream.Collect(inLoop)
	}
	return stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) // want `outlives the call`
}

func rangesTwice(ctx context.Context, stub service, ch chan *message) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	responses := stub.StreamrangeSquare(ctx, stream.FromChan(ctx, ch)) // want `outlives the call`
	for _, err := range responses {
		_ = err
	}
	for _, err := range responses {
		_ = err
	}
}
