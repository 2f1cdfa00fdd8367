package gohostconnect_test

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/stream"
)

// squarer squares numbers.
var squarer = fake{
	square: func(_ context.Context, req *msg) (*msg, error) { return num(req.GetMessage() * req.GetMessage()), nil },
	ranges: func(_ context.Context, req *msg) msgs {
		return func(yield func(*msg, error) bool) {
			for i := 1.0; i <= req.GetMessage() && yield(num(i*i), nil); i++ {
			}
		}
	},
	sum: func(_ context.Context, reqs msgs) (*msg, error) {
		sum := 0.0
		for req, err := range reqs {
			if err != nil {
				return nil, err
			}
			sum += req.GetMessage() * req.GetMessage()
		}
		return num(sum), nil
	},
	streams: func(_ context.Context, reqs msgs) msgs {
		return stream.Map(reqs, func(req *msg) (*msg, error) { return num(req.GetMessage() * req.GetMessage()), nil })
	},
}

func numbers(seq msgs) ([]float64, error) {
	var got []float64
	for m, err := range seq {
		if err != nil {
			return got, err
		}
		got = append(got, m.GetMessage())
	}
	return got, nil
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := w.serve(t, registering(squarer))
			ctx := within(t)
			if got, err := s.stub.Square(ctx, num(3)); err != nil || got.GetMessage() != 9 {
				t.Errorf("Square: %v, %v", got, err)
			}
			if got, err := numbers(s.stub.RangeSquare(ctx, num(3))); err != nil || !slices.Equal(got, []float64{1, 4, 9}) {
				t.Errorf("RangeSquare: %v, %v", got, err)
			}
			if got, err := s.stub.SumSquare(ctx, stream.Of(num(1), num(2), num(3))); err != nil || got.GetMessage() != 14 {
				t.Errorf("SumSquare: %v, %v", got, err)
			}
			got, err := numbers(s.stub.StreamrangeSquare(ctx, stream.Of(num(1), num(2))))
			switch {
			case !w.bidi():
				wantCode(t, err, codes.Unimplemented)
			case err != nil || !slices.Equal(got, []float64{1, 4}):
				t.Errorf("StreamrangeSquare: %v, %v", got, err)
			}
		})
	}
}
