package drain

import (
	"context"
	"testing"

	"google.golang.org/grpc"
)

// A call is kept while its handler runs, and not as long as the server lives.
func TestEndedCallsAreForgotten(t *testing.T) {
	t.Parallel()
	s := NewServer(nil, Options{})
	check := func(when string, want int) {
		t.Helper()
		if n := len(s.calls.open); n != want {
			t.Errorf("%s: %d calls are kept, want %d", when, n, want)
		}
	}
	for range 2 {
		if _, err := s.calls.unary(t.Context(), nil, &grpc.UnaryServerInfo{}, func(context.Context, any) (any, error) {
			check("in a unary call", 1)
			return nil, nil
		}); err != nil {
			t.Error(err)
		}
		check("after a unary call", 0)
		if err := s.calls.stream(nil, &serverStream{ctx: t.Context()}, &grpc.StreamServerInfo{}, func(any, grpc.ServerStream) error {
			check("in a stream", 1)
			return nil
		}); err != nil {
			t.Error(err)
		}
		check("after a stream", 0)
	}
}
