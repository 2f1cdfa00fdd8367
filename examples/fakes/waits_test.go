//go:build go1.25

package fakes

import (
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// A minute of waiting takes no time in a synctest bubble.
func TestLargestWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		service := fake{rangeSquare: func() iter.Seq2[*squares.Message, error] {
			if time.Since(start) < time.Minute {
				return fail(status.Error(codes.Unavailable, "not yet"))
			}
			return messages(1, 4)
		}}
		got, err := Largest(t.Context(), service, 10)
		if err != nil || got != 4 || time.Since(start) != time.Minute {
			t.Errorf("Largest = %v, %v after %v; want 4 after a minute", got, err, time.Since(start))
		}
	})
}

// fail returns a sequence that yields only err.
func fail(err error) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) { yield(nil, err) }
}
