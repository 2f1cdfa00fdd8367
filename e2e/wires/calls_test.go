package wires

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

// caller is a client in Go, for the cells of the table. Each of its calls sends the
// metadata of its context, like a call of grpc.
type caller interface {
	square(ctx context.Context, host string, n float64) (float64, error)
	// rangeSquare calls got for each answer, and leaves the call when it returns false.
	rangeSquare(ctx context.Context, n float64, got func(float64) bool) error
	sumSquare(ctx context.Context, reqs iter.Seq[float64]) (float64, error)
	// chat sends each answer as the next request, until there are count answers.
	chat(ctx context.Context, first float64, count int) ([]float64, error)
	multiply(ctx context.Context, a, b int32) (int32, error)
	hello(ctx context.Context, name string) (ends, error)
	// helloStream leaves the call when got returns false.
	helloStream(ctx context.Context, name string, got func() bool) (ends, error)
	// failureOf returns the failure that the client's language reports for an error.
	failureOf(err error) failure
}

// ends are the header and the trailer of a response.
type ends struct{ header, trailer metadata.MD }

type failure struct {
	code    codes.Code
	message string
	details []proto.Message
}

func (f failure) Error() string { return fmt.Sprintf("%v: %s", f.code, f.message) }

// call is the input of a cell.
type call struct {
	caller
	target
	ctx  context.Context //nolint:containedctx // it lives as long as the cell
	name string          // of the case
}

// newCall returns a call that the server reports under its name.
func newCall(ctx context.Context, client caller, server target, name string) call {
	return call{client, server, metadata.AppendToOutgoingContext(ctx, "case", name), name}
}

// part returns a call that is reported under its own name.
func (c call) part(name string) call {
	c.ctx = metadata.AppendToOutgoingContext(c.ctx, "case", name)
	c.name += " " + name
	return c
}

// saw waits until a handler has reported something.
func (c call) saw(what string) error { return c.target.saw(c.name, what) }

// callerCells are the cells of the table, by their columns.
var callerCells = map[string]func(call) error{
	unary:         callUnary,
	serverStream:  callServerStream,
	clientStream:  callClientStream,
	bidirectional: callBidirectional,
	headerTrailer: callMetadata,
	errorDetails:  callDetails,
	deadline:      callDeadline,
	leaving:       callLeaving,
	earlyAnswer:   callEarlyAnswer,
	hostOfTheCall: callHost,
}

func callUnary(c call) error {
	got, err := c.square(c.ctx, "", 12)
	return expect(144.0, got, err)
}

func callServerStream(c call) error {
	for n, want := range map[int][]float64{3: {1, 4, 9}, 0: nil} {
		var got []float64
		err := c.rangeSquare(c.ctx, float64(n), func(n float64) bool { got = append(got, n); return true })
		if err := expect(want, got, err); err != nil {
			return err
		}
	}
	return nil
}

func callClientStream(c call) error {
	got, err := c.sumSquare(c.ctx, slices.Values([]float64{1, 2, 3}))
	if err := expect(14.0, got, err); err != nil {
		return err
	}
	got, err = c.sumSquare(c.ctx, slices.Values[[]float64](nil))
	return expect(0.0, got, err)
}

func callBidirectional(c call) error {
	got, err := c.chat(c.ctx, 2, 4)
	return expect([]float64{4, 16, 256, 65536}, got, err)
}

// echo is metadata that the server sends back in the header and in the trailer.
var echo = metadata.Pairs("echo-text", "one", "echo-text", "two", "echo-data-bin", "\x00\xff\n")

func callMetadata(c call) error {
	ctx := c.ctx
	for key, values := range echo {
		for _, value := range values {
			ctx = metadata.AppendToOutgoingContext(ctx, key, value)
		}
	}
	check := func(got ends, err error) error {
		for key, want := range echo {
			if err := expect([][]string{want, want}, [][]string{got.header.Get(key), got.trailer.Get(key)}, err); err != nil {
				return fmt.Errorf("%s, in header and trailer: %w", key, err)
			}
		}
		return nil
	}
	if err := check(c.hello(ctx, "Ada")); err != nil {
		return fmt.Errorf("unary: %w", err)
	}
	if err := check(c.helloStream(ctx, "Ada", func() bool { return true })); err != nil {
		return fmt.Errorf("server streaming: %w", err)
	}
	return nil
}

func callDetails(c call) error {
	_, err := c.multiply(c.ctx, math.MaxInt32, 2)
	if err == nil {
		return errors.New("the call succeeds, want an error")
	}
	got := c.failureOf(err)
	want := failure{codes.OutOfRange, "4294967294 does not fit into 32 bits", []proto.Message{&errdetails.ErrorInfo{
		Reason: "OVERFLOW", Domain: "calculator.example", Metadata: map[string]string{"number": "4294967294"},
	}}}
	if diff := cmp.Diff(want, got, protocmp.Transform(), cmp.AllowUnexported(failure{})); diff != "" {
		return errors.New("status (-want +got):\n" + diff)
	}
	return nil
}

func callDeadline(c call) error {
	unary := func(c call) error {
		_, err := c.hello(c.ctx, "wait")
		return err
	}
	stream := func(c call) error {
		_, err := c.helloStream(c.ctx, "wait", func() bool { return true })
		return err
	}
	first := make(chan error)
	go func() { first <- exceed(c.part("unary"), unary) }() // both calls wait
	return errors.Join(exceed(c.part("stream"), stream), <-first)
}

// exceed makes a call whose handler waits beyond the deadline.
func exceed(c call, f func(call) error) error {
	ctx, cancel := context.WithTimeout(c.ctx, time.Second)
	defer cancel()
	c.ctx = ctx
	err := f(c)
	if err == nil {
		return errors.New("the call succeeds, want an error")
	}
	if got := c.failureOf(err); got.code != codes.DeadlineExceeded {
		return got
	}
	return errors.Join(c.saw("has a deadline"), c.saw("canceled"))
}

// A client leaves a call whose handler waits. The handler must learn of it.
func callLeaving(c call) error {
	stream := c.part("stream")
	if _, err := c.helloStream(stream.ctx, "wait", func() bool { return false }); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	if err := stream.saw("canceled"); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	unary := c.part("unary")
	ctx, cancel := context.WithCancel(unary.ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := c.hello(ctx, "wait")
		ended <- err
	}()
	if err := unary.saw("waits"); err != nil {
		return fmt.Errorf("unary: %w", err)
	}
	cancel()
	if err := <-ended; err == nil {
		return errors.New("unary: the call succeeds, want an error")
	} else if got := c.failureOf(err); got.code != codes.Canceled {
		return fmt.Errorf("unary: %w", got)
	}
	if err := unary.saw("canceled"); err != nil {
		return fmt.Errorf("unary: %w", err)
	}
	return nil
}

// unread is how many requests are sent after the one that is answered. Without a limit,
// a fast client makes Go's HTTP/2 server owe it 10,000 resets, and the server closes
// the connection: docs/proxies-limits.md.
const unread = 500

func callEarlyAnswer(c call) error {
	got, err := c.sumSquare(c.ctx, func(yield func(float64) bool) {
		if !yield(2) || !yield(0) { // 0 asks for the answer
			return
		}
		for range unread {
			if c.ctx.Err() != nil || !yield(3) {
				return
			}
		}
	})
	return expect(4.0, got, err)
}

func callHost(c call) error {
	got, err := c.square(c.ctx, "square.example", 1)
	if err := expect(1.0, got, err); err != nil {
		return err
	}
	return c.saw("host square.example")
}

func expect[T any](want, got T, err error) error {
	if err != nil {
		return err
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return errors.New("(-want +got):\n" + diff)
	}
	return nil
}
