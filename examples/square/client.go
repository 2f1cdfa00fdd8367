package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/examples/internal/program"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// call makes a call of each kind.
func call(ctx context.Context, client program.Client) error {
	service, out := squares.NewSquareServiceStub(client.Conn).With(client.Options...), client.Out

	res, err := service.Square(ctx, &squares.Message{Message: 12})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "square(12) =", res.GetMessage())

	for res, err := range service.RangeSquare(ctx, &squares.Message{Message: 1e9}) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "rangeSquare yields", res.GetMessage())
		if res.GetMessage() == 25 {
			break // ends the call: the server's yield returns false
		}
	}

	numbers := stream.Of(&squares.Message{Message: 1}, &squares.Message{Message: 2}, &squares.Message{Message: 3})
	res, err = service.SumSquare(ctx, numbers)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "sumSquare(1, 2, 3) =", res.GetMessage())

	// The same method in three ways. The server reads the way from the metadata.
	for _, way := range []string{forEach, afterLast, onAllCores} {
		if way == onAllCores {
			numbers = stream.Of(&squares.Message{Message: 1e7}, &squares.Message{Message: 2e7}, &squares.Message{Message: 3e7})
		}
		ctx := metadata.AppendToOutgoingContext(ctx, answersKey, way)
		for res, err := range service.StreamrangeSquare(ctx, numbers) {
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "streamrangeSquare %s yields %v\n", way, res.GetMessage())
		}
	}

	_, err = service.Square(ctx, &squares.Message{Message: -1})
	fmt.Fprintln(out, "square(-1):", err)
	return nil
}
