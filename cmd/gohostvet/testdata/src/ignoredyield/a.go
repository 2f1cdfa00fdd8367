package ignoredyield

import (
	"context"
	"errors"
	"iter"

	"squares"
)

type handler struct{}

func (handler) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for range 3 {
			yield(req, nil) // want `the result of yield is ignored, and the sequence may yield again: return when it is false`
		}
	}
}

func (handler) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for req, err := range reqs {
			if err != nil {
				yield(nil, err)
				return
			}
			_ = yield(req, nil) // want `the result of yield is ignored`
		}
	}
}

func twice(yield func(int, error) bool) {
	yield(1, nil) // want `the result of yield is ignored`
	yield(2, nil)
}

func passedOn(seq iter.Seq2[int, error]) iter.Seq2[int, error] {
	return func(send func(int, error) bool) {
		send(0, nil) // want `the result of send is ignored`
		seq(send)
	}
}

func deferred(yield func(int, error) bool) {
	yield(1, nil) // want `the result of yield is ignored`
	defer func() { yield(2, nil) }()
}

func helper(n int, yield func(int, error) bool) bool {
	yield(n, nil) // want `the result of yield is ignored`
	return yield(n+1, nil)
}

func errorNotLast(yield func(int, error) bool) {
	for i := range 3 {
		if i == 1 {
			yield(0, errors.New("one")) // want `the result of yield is ignored`
			continue
		}
		if !yield(i, nil) {
			return
		}
	}
}

func good(seq iter.Seq2[int, error]) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i, err := range seq {
			if err != nil {
				yield(0, err)
				return
			}
			if !yield(i, nil) {
				return
			}
		}
		if true {
			yield(0, errors.New("the last"))
		}
	}
}

func panics(yield func(int, error) bool) {
	for {
		yield(0, nil)
		panic("nothing more")
	}
}

// A callback that is not a yield.
func walk(roots []string, visit func(string, error) bool) int {
	for _, root := range roots {
		visit(root, nil)
	}
	return len(roots)
}

// Other tools check sequences that cannot fail.
func plain(yield func(int) bool) {
	yield(1)
	yield(2)
}
