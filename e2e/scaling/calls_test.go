package scaling

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// nginx ends a connection after 1,000 requests. No call of package connscale fails
// because of this. Some calls of plain grpc do.
func TestNginxRequests(t *testing.T) { //nolint:paralleltest // it measures
	const calls = 120_000
	addr := startNginx(t).addr
	for _, workers := range []int{300, 1_000} { //nolint:paralleltest // one after the other
		t.Run(fmt.Sprintf("scaled, %d workers", workers), func(t *testing.T) {
			client := dial(t, addr, connscale.Options{})
			l := makeCalls(t, client, workers, calls)
			if n := l.failed.Load(); n > 0 {
				t.Errorf("%d of %d calls failed, one with %v", n, calls, *l.err.Load())
			}
			seen(t, "%v", l)
			waitForNone(t, client)
		})
		t.Run(fmt.Sprintf("plain, %d workers", workers), func(t *testing.T) {
			conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()                                  //nolint:errcheck // nothing to lose
			seen(t, "%v", makeCalls(t, conn, workers, calls/4)) // fewer calls: one connection is slower
		})
	}
}

// load has the results of calls.
type load struct {
	calls, failed atomic.Int64
	err           atomic.Pointer[error] // of one that failed
	worst         atomic.Int64          // nanoseconds
	took          time.Duration
}

func (l *load) String() string {
	return fmt.Sprintf("%d of %d calls failed; %.0f a second, the slowest took %d ms",
		l.failed.Load(), l.calls.Load(), float64(l.calls.Load())/l.took.Seconds(), l.worst.Load()/1e6)
}

// makeCalls makes unary calls with so many workers.
func makeCalls(t *testing.T, conn grpc.ClientConnInterface, workers, calls int) *load {
	t.Helper()
	service := squares.NewSquareServiceStub(conn)
	l := new(load)
	var left atomic.Int64
	left.Store(int64(calls))
	var running sync.WaitGroup
	begun := time.Now()
	for range workers {
		running.Go(func() {
			for left.Add(-1) >= 0 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				begun := time.Now()
				_, err := service.Square(ctx, new(message))
				took := int64(time.Since(begun))
				cancel()
				l.calls.Add(1)
				if err != nil {
					l.failed.Add(1)
					l.err.Store(&err)
				}
				for worst := l.worst.Load(); took > worst && !l.worst.CompareAndSwap(worst, took); worst = l.worst.Load() {
				}
			}
		})
	}
	running.Wait()
	l.took = time.Since(begun)
	return l
}
