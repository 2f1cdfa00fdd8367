package droppederror

import (
	"context"
	"iter"
	"maps"

	"github.com/gohostrpc/gohost/stream"
	"squares"
)

func client(ctx context.Context, stub squares.SquareServiceStub) error {
	for msg := range stub.RangeSquare(ctx, nil) { // want `the loop drops the error of the sequence: range over msg, err`
		_ = msg
	}
	for msg, _ := range stub.RangeSquare(ctx, nil) { // want `drops the error`
		_ = msg
	}
	for range stub.RangeSquare(ctx, nil) { // want `drops the error`
	}
	responses := stub.StreamrangeSquare(ctx, stream.Of(&squares.Message{}))
	for msg := range stream.Map(responses, root) { // want `drops the error`
		_ = msg
	}
	for msg, err := range responses {
		if err != nil {
			return err
		}
		_ = msg
	}
	for _, err := range responses {
		if err != nil {
			return err
		}
	}
	for _, err := range responses {
		_ = err // deliberate
	}
	var err error
	for _, err = range responses {
	}
	return err
}

func root(msg *squares.Message) (float64, error) { return msg.Number, nil }

type handler struct{}

func (handler) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := new(squares.Message)
	for req := range reqs { // want `drops the error`
		sum.Number += req.Number
	}
	return sum, nil
}

// A sequence with another name.
type sequence func(yield func(int, error) bool)

func named(s sequence, f func(func(string, error) bool)) {
	for range s { // want `drops the error`
	}
	for range f { // want `drops the error`
	}
}

// These cannot fail.
func cannotFail(m map[int]error, s iter.Seq[int]) {
	for range stream.Of(1, 2) {
	}
	for range stream.From(s) {
	}
	for range m {
	}
	for range s {
	}
	for range maps.All(map[int]int{}) {
	}
	for range 3 {
	}
}
