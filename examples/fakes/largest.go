// Package fakes shows how to test code that calls a service, without a server.
package fakes

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// Largest returns the largest square that is not above limit. While the service is
// unavailable, it tries again once a second.
func Largest(ctx context.Context, service squares.SquareService, limit float64) (float64, error) {
	for {
		largest, err := tryLargest(ctx, service, limit)
		if status.Code(err) != codes.Unavailable {
			return largest, err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func tryLargest(ctx context.Context, service squares.SquareService, limit float64) (float64, error) {
	largest := 0.0
	for square, err := range service.RangeSquare(ctx, &squares.Message{Message: limit}) {
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
