package main

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func number(n float64) *squares.Message { return &squares.Message{Message: n} }

// asksFor returns a matcher of requests with the number n. Messages cannot be compared
// with == or by their fields: those that came over the wire have different internal
// fields.
func asksFor(n float64) func(*squares.Message) bool {
	return func(req *squares.Message) bool { return req.GetMessage() == n }
}

// checkLargest checks c with a service that yields 1, 4, 9 and so on.
func checkLargest(t *testing.T, c client) {
	t.Helper()
	got, err := c.largest(t.Context(), 10)
	if err != nil || got != 9 {
		t.Errorf("largest = %v, %v; want 9", got, err)
	}
}

var errBroken = errors.New("broken")

// breaks is a stream that fails halfway.
var breaks iter.Seq2[*squares.Message, error] = func(yield func(*squares.Message, error) bool) {
	if yield(number(1), nil) {
		yield(nil, errBroken)
	}
}

// checkBroken checks that c does not take breaks for a complete stream.
func checkBroken(t *testing.T, c client) {
	t.Helper()
	if _, err := c.largest(t.Context(), 10); !errors.Is(err, errBroken) {
		t.Errorf("error = %v, want %v", err, errBroken)
	}
}

// stubOf returns a stub for a server of service. Both end with the test.
func stubOf(t *testing.T, service squares.SquareService) squares.SquareServiceStub {
	t.Helper()
	server, stop, err := serve(service)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	conn, disconnect, err := connect(server.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(disconnect)
	return squares.NewSquareServiceStub(conn)
}

// kinds make a call of each kind with 3, or with 1, 2 and 3.
var kinds = map[string]func(context.Context, squares.SquareService) ([]float64, error){
	"unary": func(ctx context.Context, s squares.SquareService) ([]float64, error) {
		res, err := s.Square(ctx, number(3))
		return []float64{res.GetMessage()}, err
	},
	"server streaming": func(ctx context.Context, s squares.SquareService) ([]float64, error) {
		return collect(s.RangeSquare(ctx, number(3)))
	},
	"client streaming": func(ctx context.Context, s squares.SquareService) ([]float64, error) {
		res, err := s.SumSquare(ctx, stream.Of(number(1), number(2), number(3)))
		return []float64{res.GetMessage()}, err
	},
	"bidirectional": func(ctx context.Context, s squares.SquareService) ([]float64, error) {
		return collect(s.StreamrangeSquare(ctx, stream.Of(number(1), number(2), number(3))))
	},
}

func collect(responses iter.Seq2[*squares.Message, error]) ([]float64, error) {
	var numbers []float64
	for res, err := range responses {
		if err != nil {
			return numbers, err
		}
		numbers = append(numbers, res.GetMessage())
	}
	return numbers, nil
}

// checkKinds makes a call of each kind, and checks the answers.
func checkKinds(t *testing.T, s squares.SquareServiceStub) {
	t.Helper()
	for kind, want := range map[string][]float64{
		"unary": {9}, "server streaming": {1, 4, 9}, "client streaming": {14}, "bidirectional": {1, 4, 9},
	} {
		if got, err := kinds[kind](t.Context(), s); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", kind, got, err, want)
		}
	}
}

// checkNoAnswer checks an unexpected call: it fails the mock's test and ends the
// handler's goroutine, so the client waits until its deadline.
func checkNoAnswer(t *testing.T, newMock func(*recorder) squares.SquareService) {
	t.Helper()
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := new(recorder)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := call(ctx, stubOf(t, newMock(r)))
			if status.Code(err) != codes.DeadlineExceeded || !r.failed.Load() {
				t.Errorf("error = %v, and the mock has failed its test: %v; want DeadlineExceeded and true", err, r.failed.Load())
			}
		})
	}
}

// recorder replaces the *testing.T of a mock.
type recorder struct{ failed atomic.Bool }

func (r *recorder) FailNow() {
	r.failed.Store(true)
	runtime.Goexit()
}

func (r *recorder) Fatalf(string, ...any) { r.FailNow() }
func (r *recorder) Errorf(string, ...any) {}
func (r *recorder) Logf(string, ...any)   {}
func (r *recorder) Cleanup(func())        {}
