package wires

import (
	"context"
	"io"
	"iter"

	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// encode writes a message in the format of a program. An error means that the call has
// ended. The answer says why.
type encode func(io.Writer, proto.Message) error

// one writes one request.
func (e encode) one(m proto.Message) func(context.Context, io.WriteCloser) {
	return func(_ context.Context, w io.WriteCloser) {
		_ = e(w, m)
		_ = w.Close()
	}
}

// all writes a request for each number.
func (e encode) all(numbers iter.Seq[float64]) func(context.Context, io.WriteCloser) {
	return func(_ context.Context, w io.WriteCloser) {
		for n := range numbers {
			if e(w, number(n)) != nil {
				return
			}
		}
		_ = w.Close()
	}
}

// chat is a conversation in which each request is the previous answer.
type chat struct {
	res     squares.Message // receives the answers
	answers []float64
	next    chan float64
}

func newChat(first float64) *chat {
	c := &chat{next: make(chan float64, 1)}
	c.next <- first
	return c
}

// requests writes count requests.
func (c *chat) requests(e encode, count int) func(context.Context, io.WriteCloser) {
	return func(ctx context.Context, w io.WriteCloser) {
		defer w.Close() //nolint:errcheck // it may have ended
		for range count {
			select {
			case n := <-c.next:
				_ = e(w, number(n))
			case <-ctx.Done():
			}
		}
	}
}

// got handles an answer.
func (c *chat) got() bool {
	c.answers = append(c.answers, c.res.GetMessage())
	c.next <- c.res.GetMessage()
	return true
}
