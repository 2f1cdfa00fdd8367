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

// crowd are streams that are opened at the same time, and stay open until they are
// left.
type crowd struct {
	running atomic.Int32
	all     chan struct{} // closed when all run
	took    time.Duration // until then
	leave   context.CancelFunc
	ended   sync.WaitGroup
}

// open opens so many streams. Those that have to wait for others do so until the
// crowd leaves; it is an error that one ends by itself.
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

// end lets all leave, and returns when they have.
func (c *crowd) end() {
	c.leave()
	c.ended.Wait()
}

// after returns how many streams run after d, or when all do.
func (c *crowd) after(d time.Duration) int {
	select {
	case <-c.all:
	case <-time.After(d):
	}
	return int(c.running.Load())
}
