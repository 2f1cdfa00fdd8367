package gohostconnect_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"

	"google.golang.org/grpc/codes"
)

// A handler whose goroutine exits has not answered.
func TestGoexitIsNoAnswer(t *testing.T) {
	t.Parallel()
	s := wires[0].serve(t, registering(fake{
		ranges: func(context.Context, *msg) msgs {
			return func(yield func(*msg, error) bool) {
				yield(num(1), nil)
				runtime.Goexit()
			}
		},
		square: func(context.Context, *msg) (*msg, error) { runtime.Goexit(); return num(1), nil },
	}))
	got, err := numbers(s.stub.RangeSquare(within(t), num(1)))
	if wantCode(t, err, codes.Internal); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	_, err = s.stub.Square(within(t), num(1))
	wantCode(t, err, codes.Internal)
}

// A handler's error that wraps io.EOF is not a clean end.
func TestAnErrorThatIsEOF(t *testing.T) {
	t.Parallel()
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		s := w.serve(t, registering(fake{ranges: func(context.Context, *msg) msgs {
			return func(yield func(*msg, error) bool) { yield(nil, fmt.Errorf("reading: %w", io.EOF)) }
		}}))
		_, err := numbers(s.stub.RangeSquare(within(t), num(1)))
		wantCode(t, err, codes.Unknown)
	})
}
