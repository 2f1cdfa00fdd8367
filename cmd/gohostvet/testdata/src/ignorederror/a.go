package ignorederror

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"log/slog"
	"maps"
	"os"
	"testing"

	"squares"

	"github.com/gohostrpc/gohost/stream"
)

type service = squares.SquareServiceStub

func client(ctx context.Context, stub service) (sum float64) {
	for msg, err := range stub.RangeSquare(ctx, nil) {
		if err != nil { // want `the error of the sequence is ignored: it is the last iteration, so return err or use it`
			continue
		}
		sum += msg.Number
	}
	for _, problem := range stream.Map(stub.RangeSquare(ctx, nil), number) {
		if (nil) != (problem) { // want `so return problem or use it`
		}
	}
	for msg, err := range stub.RangeSquare(ctx, nil) {
		if err != nil { // want `ignored`
			log.Println("no more messages")
		} else {
			sum += msg.Number
		}
	}
loop:
	for msg, err := range stub.RangeSquare(ctx, nil) {
		if err == nil {
			fmt.Println(msg)
		}
		if err != nil { // want `ignored`
			fmt.Printf("failed")
			slog.Error("failed", "sum", sum)
			continue loop
		}
		sum += msg.Number
	}
	var err error
	for _, err = range stub.RangeSquare(ctx, nil) {
		if err != nil { // want `ignored`
			continue
		}
	}
	return sum
}

func number(msg *squares.Message) (float64, error) { return msg.Number, nil }

func (handler) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := new(squares.Message)
	for req, err := range reqs {
		if err != nil { // want `ignored`
			continue
		}
		sum.Number += req.Number
	}
	return sum, nil
}

type handler struct{}

func leaves(ctx context.Context, t *testing.T, stub service) {
outer:
	for range 3 {
		for _, err := range stub.RangeSquare(ctx, nil) {
			if err != nil {
				continue outer
			}
		}
		for _, err := range stub.RangeSquare(ctx, nil) {
			if err != nil {
				break
			}
		}
		for _, err := range stub.RangeSquare(ctx, nil) {
			if err != nil {
				goto end
			}
		}
	}
end:
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			t.Fatal("failed")
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			log.Fatal("failed")
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			os.Exit(1)
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			panic("failed")
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			return
		}
	}
}

func uses(ctx context.Context, t *testing.T, stub service) error {
	var errs []error
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			log.Println(err)
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		errs = append(errs, err)
		if err != nil {
			continue
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if errors.Is(err, context.Canceled) {
			break
		}
		if err != nil {
			continue
		}
	}
	for msg, err := range stub.RangeSquare(ctx, nil) {
		if err != nil && msg == nil {
			continue
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != errs[0] {
			continue
		}
	}
	var last error
	for _, last = range stub.RangeSquare(ctx, nil) {
		if last != nil {
			continue
		}
	}
	return last
}

func named(ctx context.Context, stub service) (err error) {
	for _, err = range stub.RangeSquare(ctx, nil) {
		if err != nil {
			continue
		}
	}
	return
}

// Code that does not use the error may still handle it.
func remembers(ctx context.Context, t *testing.T, stub service, failures chan<- bool, failed func()) bool {
	ok := true
	n := 0
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			ok = false
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			n++
			continue
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			t.Error("failed")
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			failures <- true
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err != nil {
			failed()
		}
	}
	for _, err := range stub.RangeSquare(ctx, nil) {
		if err == nil {
			n++
		}
	}
	return ok
}

// Other tools check errors that are not the last.
func other(all map[string]error, results iter.Seq2[int, error]) {
	for range maps.All(all) {
	}
	for _, err := range all {
		if err != nil {
			continue
		}
	}
	for _, err := range results { // each may have failed
		if err != nil {
			continue
		}
	}
	for _, err := range []error{nil} {
		if err != nil {
			continue
		}
	}
}
