// Package ecosystem runs common Go middleware for gRPC, such as interceptors and stats
// handlers, with streams that are iterators.
package ecosystem

import (
	"context"
	"iter"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// squarer squares numbers. It fails on negative ones, and panics on -13.
type squarer struct{}

func (squarer) Square(_ context.Context, req *squares.Message) (*squares.Message, error) {
	switch n := req.GetMessage(); {
	case n == -13:
		panic("unlucky")
	case n < 0:
		return nil, status.Error(codes.InvalidArgument, "no negative numbers")
	default:
		return number(n * n), nil
	}
}

func (s squarer) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for i := min(req.GetMessage(), 1); i <= max(req.GetMessage(), 1); i++ {
			if !yield(s.Square(ctx, number(i))) {
				return
			}
		}
	}
}

func (s squarer) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := 0.0
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		res, err := s.Square(ctx, req)
		if err != nil {
			return nil, err
		}
		sum += res.GetMessage()
	}
	return number(sum), nil
}

func (s squarer) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return stream.Map(reqs, func(req *squares.Message) (*squares.Message, error) { return s.Square(ctx, req) })
}

func number(n float64) *squares.Message { return &squares.Message{Message: n} }

// kinds make a call of each kind. A stream has three messages, and the last one is the
// given number. They return how many messages they have received.
var kinds = map[string]func(ctx context.Context, s squares.SquareService, last float64) (int, error){
	"unary": func(ctx context.Context, s squares.SquareService, last float64) (int, error) {
		return one(s.Square(ctx, number(last)))
	},
	"server streaming": func(ctx context.Context, s squares.SquareService, last float64) (int, error) {
		return count(s.RangeSquare(ctx, number(last)))
	},
	"client streaming": func(ctx context.Context, s squares.SquareService, last float64) (int, error) {
		return one(s.SumSquare(ctx, stream.Of(number(1), number(2), number(last))))
	},
	"bidirectional": func(ctx context.Context, s squares.SquareService, last float64) (int, error) {
		return count(s.StreamrangeSquare(ctx, stream.Of(number(1), number(2), number(last))))
	},
}

// method is the method that a kind of kinds calls.
var method = map[string]string{
	"unary":            squares.SquareService_Square_Method,
	"server streaming": squares.SquareService_RangeSquare_Method,
	"client streaming": squares.SquareService_SumSquare_Method,
	"bidirectional":    squares.SquareService_StreamrangeSquare_Method,
}

// sent and received are the numbers of messages in a call of each kind, as the client
// counts them.
var (
	sent     = map[string]int{"unary": 1, "server streaming": 1, "client streaming": 3, "bidirectional": 3}
	received = map[string]int{"unary": 1, "server streaming": 3, "client streaming": 1, "bidirectional": 3}
)

func one(_ *squares.Message, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return 1, nil
}

func count(seq iter.Seq2[*squares.Message, error]) (int, error) {
	msgs, err := stream.Collect(seq)
	return len(msgs), err
}

// serve starts a server of impl, and returns a stub for it. Both end with the test.
func serve(t *testing.T, impl squares.SquareService, server []grpc.ServerOption, dial ...grpc.DialOption) squares.SquareServiceStub {
	t.Helper()
	listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, impl) }, server...)
	return squares.NewSquareServiceStub(inmemory.Dial(t, listener, dial...))
}

// checkCode checks that err has the code want.
func checkCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Errorf("error = %v, want the code %v", err, want)
	}
}
