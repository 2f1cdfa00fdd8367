package gohost_test

import (
	"context"
	"iter"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// server is a server of squares that records the authority of every call.
type server struct {
	squares.UnimplementedSquareService
	number float64 // its answer

	mu          sync.Mutex
	authorities []string
}

// seen returns the authorities of the calls so far, and forgets them.
func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.authorities
	s.authorities = nil
	return seen
}

func (s *server) see(ctx context.Context) *squares.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.authorities = append(s.authorities, strings.Join(metadata.ValueFromIncomingContext(ctx, ":authority"), "|"))
	return &squares.Message{Message: s.number}
}

func (s *server) Square(ctx context.Context, _ *squares.Message) (*squares.Message, error) {
	return s.see(ctx), nil
}

func (s *server) RangeSquare(ctx context.Context, _ *squares.Message) iter.Seq2[*squares.Message, error] {
	return stream.Of(s.see(ctx))
}

func (s *server) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	_, err := stream.Collect(reqs)
	return s.see(ctx), err
}

func (s *server) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	answer := s.see(ctx)
	return stream.Map(reqs, func(*squares.Message) (*squares.Message, error) { return answer, nil })
}

// callAll makes a call of each kind and returns the answer and error of each.
func callAll(ctx context.Context, service squares.SquareService) (answers []float64, errs []error) {
	add := func(res *squares.Message, err error) {
		answers = append(answers, res.GetMessage())
		errs = append(errs, err)
	}
	last := func(seq iter.Seq2[*squares.Message, error]) (last *squares.Message, failure error) {
		for res, err := range seq {
			last, failure = res, err
		}
		return last, failure
	}
	req := new(squares.Message)
	add(service.Square(ctx, req))
	add(last(service.RangeSquare(ctx, req)))
	add(service.SumSquare(ctx, stream.Of(req)))
	add(last(service.StreamrangeSquare(ctx, stream.Of(req))))
	return answers, errs
}

// checkAnswers checks that a call of each kind is answered with number.
func checkAnswers(t *testing.T, service squares.SquareService, number float64) {
	t.Helper()
	answers, errs := callAll(t.Context(), service)
	for i, err := range errs {
		if err != nil || answers[i] != number {
			t.Errorf("call %d: %v, %v; want %v", i, answers[i], err, number)
		}
	}
}

// checkCodes checks that a call of each kind fails with code and a text that
// contains text. It returns the errors.
func checkCodes(t *testing.T, service squares.SquareService, code codes.Code, text string) []error {
	t.Helper()
	_, errs := callAll(t.Context(), service)
	for i, err := range errs {
		if status.Code(err) != code || !strings.Contains(err.Error(), text) {
			t.Errorf("call %d: %v, want code %v and %q", i, err, code, text)
		}
	}
	return errs
}

// checkSeen checks that one call of each kind has come since the last check,
// and that all have named host.
func checkSeen(t *testing.T, s *server, host string) {
	t.Helper()
	seen := s.seen()
	if len(seen) != 4 {
		t.Errorf("%d calls have reached the server, want 4", len(seen))
	}
	for _, authority := range seen {
		if authority != host {
			t.Errorf("the server has seen :authority %q, want %q", authority, host)
		}
	}
}

// start starts a server of squares that answers with number.
func start(t *testing.T, opts ...grpc.ServerOption) (*server, *grpc.ClientConn) {
	t.Helper()
	s := new(server)
	return s, inmemory.Connect(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) }, opts...)
}
