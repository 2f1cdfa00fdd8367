package scaling

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// crowd is a number of streams that are opened concurrently, and stay open until the
// crowd leaves.
type crowd struct {
	running atomic.Int32
	all     chan struct{} // closed when all are running
	took    time.Duration // until then
	leave   context.CancelFunc
	ended   sync.WaitGroup
}

// open opens so many streams. Those without room wait until the crowd leaves. It is an
// error if a stream ends by itself.
func open(tb testing.TB, conn grpc.ClientConnInterface, size int) *crowd {
	tb.Helper()
	ctx, leave := context.WithCancel(tb.Context())
	c := &crowd{all: make(chan struct{}), leave: leave}
	service := squares.NewSquareServiceStub(conn)
	begun := time.Now()
	for range size {
		c.ended.Go(func() {
			for _, err := range service.RangeSquare(ctx, &message{Message: endless}) {
				switch {
				case err == nil && c.running.Add(1) == int32(size):
					c.took = time.Since(begun)
					close(c.all)
				case err != nil && (ctx.Err() == nil || status.Code(err) != codes.Canceled):
					tb.Errorf("a stream ends with %v", err)
				}
			}
			if ctx.Err() == nil {
				tb.Error("a stream ends by itself")
			}
		})
	}
	tb.Cleanup(c.end)
	return c
}

// end ends all streams, and returns when they have ended.
func (c *crowd) end() {
	c.leave()
	c.ended.Wait()
}

// after returns how many streams are running after d, or when all are.
func (c *crowd) after(d time.Duration) int {
	select {
	case <-c.all:
	case <-time.After(d):
	}
	return int(c.running.Load())
}
