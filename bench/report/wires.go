package main

import (
	"fmt"
	"path/filepath"
	"slices"
)

// wires are the measured wires of gohostconnect: the name in bench/impl, and the
// columns.
var wires = []struct{ impl, client, wire, server string }{
	{"grpc-go", "grpc-go", "gRPC", "grpc-go"},
	{"grpc-go-to-bridge", "grpc-go", "gRPC", "gohostconnect"},
	{"bridge-to-grpc-go", "gohostconnect", "gRPC", "grpc-go"},
	{"bridge-grpc", "gohostconnect", "gRPC", "gohostconnect"},
	{"bridge-connect", "gohostconnect", "Connect", "gohostconnect"},
	{"bridge-web", "gohostconnect", "gRPC-Web", "gohostconnect"},
	{"bridge-json", "gohostconnect", "Connect, JSON", "gohostconnect"},
	{"bridge-default", "gohostconnect", "Connect, with gzip", "gohostconnect"},
	{"connect-grpc", "connect-go v2", "gRPC", "connect-go v2"},
	{"connect-connect", "connect-go v2", "Connect", "connect-go v2"},
	{"connect-web", "connect-go v2", "gRPC-Web", "connect-go v2"},
	{"vanguard", "gohostconnect", "Connect, then vanguard, then gRPC", "gohostconnect"},
	{"in-process", "gohostconnect", "in process", "gohostconnect"},
	{"method", "a method call", "none", "none"},
}

// wireWorks are the works on each wire.
var wireWorks = []string{"unary", "stream-16B", "stream-1KiB"}

func wireName(work, impl string) string { return "Wires/work=" + work + "/impl=" + impl }

// wireRow is the cost of calls and messages on a wire.
type wireRow struct {
	Client, Wire, Server string
	Costs                []string // by work: time, processor time, allocations
}

func (r results) wires() []wireRow {
	var rows []wireRow
	for _, w := range wires {
		row := wireRow{w.client, w.wire, w.server, nil}
		for _, work := range wireWorks {
			name := wireName(work, w.impl)
			row.Costs = append(row.Costs, fmt.Sprintf("%s | %s | %.0f", duration(r.median(name, "sec/op")), duration(r.median(name, "cpu-sec/op")), r.median(name, "allocs/op")))
		}
		rows = append(rows, row)
	}
	return rows
}

// duration returns a time as text.
func duration(seconds float64) string {
	if seconds < 1e-7 {
		return fmt.Sprintf("%.0f ns", seconds*1e9)
	}
	return fmt.Sprintf("%.1f µs", seconds*1e6)
}

// wireRatio is the cost of gohostconnect on a wire, compared with connect's own code.
type wireRatio struct {
	Wire, Work string
	Time, CPU  ratio
}

func (r results) wireRatios() []wireRatio {
	var rows []wireRatio
	for _, wire := range []struct{ impl, name string }{{"grpc", "gRPC"}, {"connect", "Connect"}, {"web", "gRPC-Web"}} {
		for _, work := range wireWorks {
			ours, theirs := wireName(work, "bridge-"+wire.impl), wireName(work, "connect-"+wire.impl)
			rows = append(rows, wireRatio{wire.name, work, r.ratio("sec/op", ours, theirs), r.ratio("cpu-sec/op", ours, theirs)})
		}
	}
	return rows
}

// wiresAgain returns how grpc-go compares with itself.
func (r results) wiresAgain() string {
	var ratios []float64
	for _, work := range wireWorks {
		ratios = append(ratios, r.ratio("sec/op", wireName(work, "grpc-go"), wireName(work, "grpc-go-again")).mid)
	}
	return fmt.Sprintf("%.2f to %.2f", slices.Min(ratios), slices.Max(ratios))
}

// drawWires plots the processor time of each wire into dir.
func (r results) drawWires(dir string) error {
	var places []string
	all := []series{{name: "unary"}, {name: "stream of 16 B"}, {name: "stream of 1 KiB"}}
	for _, impl := range []string{"bridge-grpc", "bridge-connect", "bridge-web", "connect-grpc", "connect-connect", "connect-web", "in-process"} {
		places = append(places, impl)
		for i, work := range wireWorks {
			all[i].values = append(all[i].values, r.ratio("cpu-sec/op", wireName(work, impl), wireName(work, "grpc-go")).mid)
		}
	}
	return bars(filepath.Join(dir, "wires.svg"), "Processor time of a call or message, relative to grpc-go", "×", 1, places, all...)
}
