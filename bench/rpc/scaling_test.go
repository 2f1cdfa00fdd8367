package rpc

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
)

// A client that opens another connection when all are full, compared with one that does
// not, while nothing is full.
func BenchmarkScaling(b *testing.B) {
	msg := &benchpb.Message{Data: make([]byte, 16)}
	for _, work := range []struct {
		name  string
		bench func(b *testing.B, c impl.Client) error
	}{
		{"unary", func(b *testing.B, c impl.Client) error {
			for range b.N {
				if err := c.Unary(b.Context(), msg); err != nil {
					return err
				}
			}
			return nil
		}},
		{"unary-64", func(b *testing.B, c impl.Client) error {
			_, err := callAll(b, c, 64)
			return err
		}},
		{"short", func(b *testing.B, c impl.Client) error {
			for range b.N {
				if err := c.Download(b.Context(), 1, len(msg.GetData()), nothing); err != nil {
					return err
				}
			}
			return nil
		}},
		{"server", func(b *testing.B, c impl.Client) error {
			return c.Download(b.Context(), b.N, len(msg.GetData()), nothing)
		}},
		{"bidi", func(b *testing.B, c impl.Client) error {
			return c.Chat(b.Context(), b.N, func() *benchpb.Message { return msg }, nothing)
		}},
	} {
		b.Run("work="+work.name, func(b *testing.B) {
			compare(b, []impl.Impl{impl.Gohost, impl.Scaled, impl.Again}, func(b *testing.B, c impl.Client) {
				if err := work.bench(b, c); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// More workers than there is room for: on one connection with room for all, on one
// without, and on ten with room for some.
func BenchmarkFull(b *testing.B) {
	for _, workers := range []int{1_000, 4_000} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			compare(b, []impl.Impl{impl.Gohost, impl.Full, impl.FullScaled}, func(b *testing.B, c impl.Client) {
				worst, err := callAll(b, c, workers)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(worst.Nanoseconds()), "worst-ns")
			})
		})
	}
}

// callAll makes b.N unary calls, workers of them concurrently, and returns the time of
// the slowest.
func callAll(b *testing.B, c impl.Client, workers int) (time.Duration, error) {
	b.Helper()
	msg := &benchpb.Message{Data: make([]byte, 16)}
	var left, worst atomic.Int64
	left.Store(int64(b.N))
	var failed atomic.Pointer[error]
	var running sync.WaitGroup
	for range min(workers, b.N) {
		running.Go(func() {
			slowest := int64(0)
			for left.Add(-1) >= 0 {
				begun := time.Now()
				if err := c.Unary(b.Context(), msg); err != nil {
					failed.Store(&err)
					return
				}
				slowest = max(slowest, int64(time.Since(begun)))
			}
			for old := worst.Load(); slowest > old && !worst.CompareAndSwap(old, slowest); old = worst.Load() {
			}
		})
	}
	running.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return time.Duration(worst.Load()), nil
}
