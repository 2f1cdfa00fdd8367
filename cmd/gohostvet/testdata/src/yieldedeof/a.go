package yieldedeof

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"squares"

	"github.com/gohostrpc/gohost/stream"
)

type message = squares.Message

type handler struct{ squares.SquareService }

func (handler) RangeSquare(ctx context.Context, req *message) iter.Seq2[*message, error] {
	return func(yield func(*message, error) bool) {
		if !yield(req, nil) {
			return
		}
		yield(nil, io.EOF) // want `io.EOF is a failure of the sequence, not its end: return without an error`
	}
}

func (handler) SumSquare(ctx context.Context, reqs iter.Seq2[*message, error]) (*message, error) {
	for _, err := range reqs {
		if err != nil {
			return nil, err
		}
		readLine := func() (string, error) { return "", io.EOF }
		readLine()
		return nil, (io.EOF) // want `io.EOF is a failure of the call: return a response or a status`
	}
	return new(message), nil
}

func numbers(yield func(int, error) bool) {
	var none int
	if yield(1, nil) {
		_ = (yield)(none, io.EOF) // want `not its end`
	}
}

func otherName() iter.Seq2[int, error] {
	return func(send func(int, error) bool) {
		send(0, io.EOF) // want `not its end`
	}
}

func fail(yield func(*message, error) bool) bool {
	return yield(nil, io.EOF) // want `not its end`
}

type fake struct {
	sumSquare func(context.Context, iter.Seq2[*message, error]) (*message, error)
}

var fakes = fake{
	sumSquare: func(context.Context, iter.Seq2[*message, error]) (*message, error) {
		return nil, io.EOF // want `failure of the call`
	},
}

var generated = stream.Generate(func(send func(int) error) error {
	if err := send(1); err != nil {
		return err
	}
	return io.EOF // want `not its end`
})

var mapped = stream.Map(generated, func(n int) (string, error) {
	if n == 0 {
		return "", io.EOF // want `not its end`
	}
	return fmt.Sprint(n), nil
})

// This may or may not be io.EOF.
func (handler) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*message, error]) iter.Seq2[*message, error] {
	return func(yield func(*message, error) bool) {
		for _, err := range reqs {
			if errors.Is(err, io.EOF) {
				yield(nil, err)
				return
			}
			yield(nil, fmt.Errorf("the file is too short: %w", io.EOF))
			yield(nil, io.ErrUnexpectedEOF)
		}
	}
}

// A reader returns io.EOF as everybody expects.
func (handler) next(ctx context.Context, reqs iter.Seq2[*message, error]) (*message, error) {
	return nil, io.EOF
}

func header(ctx context.Context, reqs iter.Seq2[*message, error]) (*message, error) {
	return nil, io.EOF
}

func Header(ctx context.Context, reqs iter.Seq2[*message, error]) (*message, error) {
	return nil, io.EOF
}

func (handler) Scan(ctx context.Context, lines iter.Seq2[string, error]) (string, error) {
	return "", io.EOF
}

func (handler) Read(ctx context.Context, r *bufio.Reader) (*message, error) { return nil, io.EOF }

func (handler) Square(ctx context.Context, req *message) (*message, error) {
	return nil, errors.New("EOF")
}

// A callback that is not a yield.
func walk(visit func(string, error) bool) int {
	visit("", io.EOF)
	return 0
}

// EOF is not io.EOF.
var EOF = errors.New("EOF")

func ours(yield func(int, error) bool) { yield(0, EOF) }
