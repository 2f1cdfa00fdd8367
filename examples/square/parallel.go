package main

import (
	"context"
	"iter"
)

// parallel yields f of each message of seq, in their order. Up to workers calls of f
// run concurrently, and no more results wait to be yielded: seq is not read any further
// ahead. An error ends the sequence.
func parallel[T, U any](ctx context.Context, seq iter.Seq2[T, error], workers int, f func(T) (U, error)) iter.Seq2[U, error] {
	type result struct {
		value U
		err   error
	}
	return func(yield func(U, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		// A place for each result, in the order of the messages. The loop below holds
		// one more.
		results := make(chan chan result, workers-1)
		go func() {
			defer close(results)
			for msg, err := range seq {
				place := make(chan result, 1)
				select {
				case results <- place:
				case <-ctx.Done():
					return
				}
				if err != nil {
					place <- result{err: err}
					return
				}
				go func() {
					value, err := f(msg)
					place <- result{value, err}
				}()
			}
		}()
		for place := range results {
			r := <-place
			if !yield(r.value, r.err) || r.err != nil {
				return
			}
		}
	}
}
