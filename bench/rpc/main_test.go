// Package rpc measures RPCs over loopback TCP, with the implementations side by side.
package rpc

import (
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
	"github.com/gohostrpc/gohost/bench/internal/usage"
)

// rounds is how often everything is measured. -count repeats one benchmark before the
// next. With rounds they take turns, so that other work of the machine affects all
// implementations equally.
var rounds = flag.Int("rounds", 1, "measure everything this many times, in turns")

// backwards is true in every second round, which measures the implementations in the
// opposite order: a benchmark that runs after another, with its garbage, may be slower.
var backwards bool

func inOrder[T any](impls []T) []T {
	impls = slices.Clone(impls)
	if backwards {
		slices.Reverse(impls)
	}
	return impls
}

func TestMain(m *testing.M) {
	flag.Parse()
	status := 0
	for round := range *rounds {
		backwards = round%2 == 1
		status = max(status, m.Run())
	}
	os.Exit(status)
}

// compare runs a benchmark for each implementation.
func compare(b *testing.B, impls []impl.Impl, bench func(b *testing.B, c impl.Client)) {
	b.Helper()
	for _, i := range inOrder(impls) {
		b.Run("impl="+i.Name, func(b *testing.B) {
			c, stop, err := i.Start()
			if err != nil {
				b.Fatal(err)
			}
			defer stop()
			if err := c.Unary(b.Context(), new(benchpb.Message)); err != nil { // connects
				b.Fatal(err)
			}
			measure(b, func() error { bench(b, c); return nil })
		})
	}
}

// measure measures run, which does the work for b.N: the time that it takes, and the
// processor time.
func measure(b *testing.B, run func() error) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime(b)
	if err := run(); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// cpuTime returns the processor time of this process.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	used, err := usage.CPU()
	if err != nil {
		b.Fatal(err)
	}
	return used
}
