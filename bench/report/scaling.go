package main

import (
	"fmt"
	"time"
)

// scaling returns the table of the cost of a client that opens another connection when
// all are full, while nothing is full, compared with grpc's.
func (r results) scaling() []row {
	var rows []row
	for _, kind := range []struct{ work, name, each string }{
		{"unary", "unary: calls", "call"},
		{"unary-64", "unary, 64 at a time: calls", "call"},
		{"short", "a stream of one message: streams", "stream"},
		{"server", "server streaming, 16B: messages", "message"},
		{"bidi", "bidirectional, 16B: messages", "message"},
	} {
		name := "Scaling/work=" + kind.work + "/impl="
		rows = append(rows,
			atLeast(kind.name+" per second", r.ratio("sec/op", name+"gohost", name+"scaled"), 0.98),
			atLeast("the same, by processor time", r.ratio("cpu-sec/op", name+"gohost", name+"scaled"), 0.98),
			r.allocationsTo("the same, allocations for each "+kind.each, name+"gohost", name+"scaled", 0))
	}
	return rows
}

// scalingAgain returns how grpc's client compares with itself.
func (r results) scalingAgain() string {
	return r.itself("Scaling", "unary", "unary-64", "short", "server", "bidi")
}

// fullRow is the result for more workers than one connection may have room for.
type fullRow struct {
	Workers     int
	Limit       string // streams per connection
	Connections string
	Calls       string // per second
	Worst       string // the time of the slowest
}

func (r results) full() []fullRow {
	var rows []fullRow
	for _, workers := range []int{1_000, 4_000} {
		for _, impl := range []struct{ name, limit, connections string }{
			{"gohost", "any number", "1"}, {"full", "100", "1"}, {"full-scaled", "100", "10, by `connscale`"},
		} {
			name := fmt.Sprintf("Full/workers=%d/impl=%s", workers, impl.name)
			rows = append(rows, fullRow{
				workers, impl.limit, impl.connections,
				fmt.Sprintf("%.0f", 1/r.median(name, "sec/op")), r.time(name, "worst-sec"),
			})
		}
	}
	return rows
}

// time returns the median of a time as text.
func (r results) time(name, unit string) string {
	d := time.Duration(r.median(name, unit) * float64(time.Second))
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.0f ms", d.Seconds()*1000)
}

// scaledRow is the result for long-lived streams.
type scaledRow struct {
	To                     string
	Streams, Plain, Scaled int
	All, Unary             string
	Connections            int
	Other                  string
	Idle                   int
}

func (r results) scaled() []scaledRow {
	var rows []scaledRow
	for _, to := range []struct {
		name    string
		streams int
	}{{"server", 1000}, {"nginx", 2000}, {"HAProxy", 2000}, {"Traefik", 2000}, {"Caddy", 2000}} {
		name := "Streams/to=" + to.name + "/impl="
		count := func(impl, unit string) int { return int(r.median(name+impl, unit)) }
		rows = append(rows, scaledRow{
			to.name, to.streams, count("plain", "streams"), count("scaled", "streams"),
			r.time(name+"scaled", "all-sec"),
			r.time(name+"scaled", "median-sec") + ", " + r.time(name+"scaled", "p99-sec"),
			count("scaled", "connections"),
			fmt.Sprintf("%.0f KB", r.median(name+"connection", "other-B")/1e3),
			count("scaled", "idle-connections"),
		})
	}
	return rows
}
