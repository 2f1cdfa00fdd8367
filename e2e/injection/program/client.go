package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// connect returns a connection, and a function that closes it.
func connect(addr address) (*grpc.ClientConn, func(), error) {
	conn, err := grpc.NewClient(string(addr), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, nil, err
	}
	return conn, func() { _ = conn.Close() }, nil
}

// client is code that uses a service, wherever it runs.
type client struct{ service squares.SquareService }

// largest returns the largest square up to limit.
func (c client) largest(ctx context.Context, limit float64) (float64, error) {
	largest := 0.0
	for square, err := range c.service.RangeSquare(ctx, &squares.Message{Message: limit}) {
		if err != nil {
			return 0, err
		}
		if square.GetMessage() > limit {
			break
		}
		largest = square.GetMessage()
	}
	return largest, nil
}
