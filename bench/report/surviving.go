package main

import (
	"fmt"
	"slices"
)

// survivors are the ways to make streams survive the end of a server, as bench/impl
// names them.
var survivors = []struct{ impl, name string }{{"resume", "`stream.Resume`"}, {"drain", "package drain"}}

// surviving returns the table of the cost of streams that survive, compared with plain
// ones of gohost.
func (r results) surviving() []row {
	var rows []row
	speed := func(work, impl string) ratio {
		return r.ratio("sec/op", "Surviving/work="+work+"/impl=gohost", "Surviving/work="+work+"/impl="+impl)
	}
	for _, s := range survivors {
		for _, kind := range []struct{ work, name string }{{"server", "server streaming"}, {"bidi", "bidirectional"}} {
			name := "Surviving/work=" + kind.work + "/impl="
			rows = append(rows,
				atLeast(fmt.Sprintf("%s, %s, 16B: throughput", s.name, kind.name), speed(kind.work, s.impl), 0.97),
				r.allocationsTo("the same, allocations per message", name+"gohost", name+s.impl, 0))
		}
		rows = append(rows, atLeast(s.name+", a stream of one message: streams per second", speed("short", s.impl), 0.97))
		if s.impl == "drain" {
			rows = append(rows, atLeast(s.name+", unary: calls per second", speed("unary", s.impl), 0.97))
		}
		for _, kind := range []string{"server", "bidi"} {
			name := "IdleSurviving/kind=" + kind + "/streams=10000/impl="
			rows = append(rows, atMost(fmt.Sprintf("%s, memory of 10000 idle streams, %s", s.name, kind), r.ratio("B/stream", name+s.impl, name+"gohost"), 1.05))
		}
	}
	return rows
}

// survivingAgain returns how plain streams and calls compare with themselves.
func (r results) survivingAgain() string {
	return r.itself("Surviving", "server", "bidi", "short", "unary")
}

// itself returns how gohost compares with itself in some works of a benchmark.
func (r results) itself(benchmark string, works ...string) string {
	var ratios []float64
	for _, work := range works {
		name := benchmark + "/work=" + work + "/impl=gohost"
		ratios = append(ratios, r.ratio("sec/op", name, name+"-again").mid)
	}
	return fmt.Sprintf("%.2f to %.2f", slices.Min(ratios), slices.Max(ratios))
}
