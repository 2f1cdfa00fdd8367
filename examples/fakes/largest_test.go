package fakes

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// fake is a service whose answers the test decides.
type fake struct {
	squares.UnimplementedSquareService
	rangeSquare func() iter.Seq2[*squares.Message, error]
}

func (f fake) RangeSquare(context.Context, *squares.Message) iter.Seq2[*squares.Message, error] {
	return f.rangeSquare()
}

func messages(numbers ...float64) iter.Seq2[*squares.Message, error] {
	var msgs []*squares.Message
	for _, n := range numbers {
		msgs = append(msgs, &squares.Message{Message: n})
	}
	return stream.Of(msgs...)
}

func TestLargest(t *testing.T) {
	t.Parallel()
	service := fake{rangeSquare: func() iter.Seq2[*squares.Message, error] { return messages(1, 4, 9, 16) }}
	got, err := Largest(t.Context(), service, 10)
	if err != nil || got != 9 {
		t.Errorf("Largest = %v, %v; want 9", got, err)
	}
}

// A stream that fails halfway must not look complete.
func TestLargestFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	service := fake{rangeSquare: func() iter.Seq2[*squares.Message, error] {
		return stream.Generate(func(send func(*squares.Message) error) error {
			if err := send(&squares.Message{Message: 1}); err != nil {
				return err
			}
			return broken
		})
	}}
	if _, err := Largest(t.Context(), service, 10); !errors.Is(err, broken) {
		t.Errorf("error = %v, want %v", err, broken)
	}
}
