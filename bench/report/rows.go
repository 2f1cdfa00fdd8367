package main

import (
	"fmt"
	"slices"
)

// row is a row of the table: a measurement and its target.
type row struct {
	Work  string
	Got   ratio
	Want  string
	Holds string
}

// within is the tolerance for times: two measurements of the same thing differ by as
// much.
const within = 0.03

func atLeast(work string, got ratio, want float64) row {
	r := row{work, got, fmt.Sprintf("≥ %.2f", want), holds(got.mid >= want-within)}
	if want <= 1 && got.mid < want-within && got.p >= 0.05 {
		r.Holds = "no difference found"
	}
	return r
}

func atMost(work string, got ratio, want float64) row {
	return row{work, got, fmt.Sprintf("≤ %.2f", want), holds(got.mid <= want)}
}

// atMostTime is atMost for a time.
func atMostTime(work string, got ratio, want float64) row {
	r := atMost(work, got, want)
	r.Holds = holds(got.mid <= want+within)
	return r
}

func holds(b bool) string {
	if b {
		return "yes"
	}
	return "**no**"
}

// allocations compares allocations with those of loops by hand. It allows more of them.
func (r results) allocations(work, name, impl string, more float64) row {
	return r.allocationsTo(work, name+"grpc", name+impl, more)
}

// allocationsTo compares allocations of two benchmarks.
func (r results) allocationsTo(work, base, name string, more float64) row {
	theirs, ours := r.median(base, "allocs/op"), r.median(name, "allocs/op")
	want := fmt.Sprintf("≤ %.0f", theirs+more)
	got := row{Work: work, Got: ratio{ours, ours, ours, 0}, Want: want, Holds: holds(ours <= theirs+more)}
	if ours > theirs && r.ratio("allocs/op", name, base).p >= 0.05 {
		got.Holds = "no difference found"
	}
	return got
}

var kinds = []struct{ benchmark, name string }{
	{"ServerStreaming", "server streaming"},
	{"ClientStreaming", "client streaming"},
	{"Bidirectional", "bidirectional"},
}

// idleKinds are the kinds of idle streams, as bench/idle names them.
var idleKinds = []string{"server", "client", "bidi"}

// rows returns the table. A ratio of throughputs is their time divided by ours.
func (r results) rows() []row {
	var rows []row
	add := func(row row) { rows = append(rows, row) }
	speed := func(name, impl string) ratio { return r.ratio("sec/op", name+"grpc", name+impl) }
	for _, kind := range kinds {
		for _, size := range []string{"16B", "1KiB", "64KiB"} {
			name := fmt.Sprintf("%s/size=%s/impl=", kind.benchmark, size)
			add(atLeast(kind.name+", "+size+": throughput", speed(name, "gohost"), 1))
			add(r.allocations(kind.name+", "+size+": allocations per message", name, "gohost", 0))
		}
	}
	for _, kind := range kinds {
		name := kind.benchmark + "/size=16B/impl="
		add(atLeast(kind.name+", 16B, received messages reused: throughput", speed(name, "reuse"), 1.25))
		add(r.allocations(kind.name+", 16B, received messages reused: allocations per message", name, "reuse", -1))
	}
	add(atLeast("unary with a declared host: calls per second", speed("Unary/impl=", "gohost"), 1))
	add(r.allocations("unary with a declared host: allocations per call, against theirs without a host", "Unary/impl=", "gohost", 0))
	add(atLeast("a stream of one message: streams per second", speed("ShortStream/impl=", "gohost"), 0.97))
	add(atLeast("ping-pong through `stream.Open`", speed("PingPong/impl=", "gohost"), 0.95))
	add(atLeast("an event to 1,000 subscribers of `stream.Topic`, against a hub by hand", speed("Publish/impl=", "gohost"), 1))
	for _, kind := range idleKinds {
		for _, streams := range []int{10_000, 100_000} {
			name := fmt.Sprintf("Idle/kind=%s/streams=%d/impl=", kind, streams)
			add(atMost(fmt.Sprintf("memory of %d idle streams, %s", streams, kind), r.ratio("B/stream", name+"gohost", name+"grpc"), 1.05))
			add(atMost(fmt.Sprintf("goroutines of %d idle streams, %s", streams, kind), r.ratio("goroutines/stream", name+"gohost", name+"grpc"), 1))
		}
	}
	add(atLeast("server streaming, 16B, against connect-go", r.ratio("sec/op", "ServerStreaming/size=16B/impl=connect", "ServerStreaming/size=16B/impl=gohost"), 10))
	for _, proxy := range []string{"nginx", "traefik"} {
		hosts := "Hosts/proxy=" + proxy + "/services=1000/connections="
		add(atMost("one connection for 1,000 services through "+proxy+", client's memory against 1,000 connections", r.ratio("client-B", hosts+"one", hosts+"each"), 0.05))
		add(atMost("the same, the proxy's memory", r.ratio("proxy-B", hosts+"one", hosts+"each"), 0.05))
		add(atMostTime("the same, time until all have answered once", r.ratio("sec/op", hosts+"one", hosts+"each"), 1))
	}
	generate := "Generate/services=2000/plugin="
	add(atMostTime("generation for 2,000 services: time against a plugin that does nothing", r.ratio("sec/op", generate+"gohost", generate+"noop"), 1.25))
	add(atMostTime("the same, processor time", r.ratio("cpu-sec/op", generate+"gohost", generate+"noop"), 1.25))
	add(atMostTime("the same, both with GOGC=200, which protoc-gen-gohost sets for itself", r.ratio("cpu-sec/op", generate+"gohost", generate+"noop-gogc200"), 1.25))
	add(atMost("the same, peak memory", r.ratio("peak-B", generate+"gohost", generate+"noop-gogc200"), 1.25))
	add(atMost("the same, both with GOGC=100", r.ratio("peak-B", generate+"gohost-gogc100", generate+"noop"), 1.25))
	for _, other := range []string{"grpc", "connect"} {
		add(atMostTime("the same, against "+map[string]string{"grpc": "protoc-gen-go-grpc", "connect": "protoc-gen-connect-go"}[other], r.ratio("sec/op", generate+"gohost", generate+other), 1))
		add(atMost("the same, peak memory", r.ratio("peak-B", generate+"gohost", generate+other), 1))
	}
	linear := r.ratio("sec/op", generate+"gohost", "Generate/services=200/plugin=gohost")
	add(atMostTime("generation for 2,000 services against 200: time per service", ratio{linear.low / 10, linear.mid / 10, linear.high / 10, linear.p}, 1.25))
	add(atMost("200 services × 4 methods: generated source", r.ratio("source-B", "Source/impl=gohost", "Source/impl=grpc"), 0.6))
	add(atMost("the same, growth of a program that uses all services", r.ratio("growth-B", "Binary/impl=gohost", "Binary/impl=grpc"), 0.7))
	add(atMostTime("the same, time to build", r.ratio("sec/op", "Build/impl=gohost", "Build/impl=grpc"), 1))
	return rows
}

// hostsRow is the cost of services behind a proxy.
type hostsRow struct {
	Proxy                 string
	Services              int
	ClientEach, ClientOne string
	ProxyEach, ProxyOne   string
	Time                  ratio // of one connection, compared with many
}

func (r results) hosts() []hostsRow {
	mib := func(name, unit string) string { return fmt.Sprintf("%.2f MiB", r.median(name, unit)/(1<<20)) }
	var rows []hostsRow
	for _, proxy := range []string{"nginx", "traefik"} {
		for _, services := range []int{10, 100, 1000} {
			name := fmt.Sprintf("Hosts/proxy=%s/services=%d/connections=", proxy, services)
			rows = append(rows, hostsRow{
				proxy, services,
				mib(name+"each", "client-B"), mib(name+"one", "client-B"),
				mib(name+"each", "proxy-B"), mib(name+"one", "proxy-B"),
				r.ratio("sec/op", name+"one", name+"each"),
			})
		}
	}
	return rows
}

// again returns how streams by hand compare with themselves, over all kinds and sizes.
func (r results) again() string {
	var ratios []float64
	for _, kind := range kinds {
		for _, size := range []string{"16B", "1KiB", "64KiB"} {
			name := kind.benchmark + "/size=" + size + "/impl="
			ratios = append(ratios, r.ratio("sec/op", name+"grpc", name+"grpc-again").mid)
		}
	}
	return fmt.Sprintf("%.2f to %.2f", slices.Min(ratios), slices.Max(ratios))
}

// shareRow is how the processor time is divided.
type shareRow struct {
	Work   string
	Shares []string
}

// owners are the owners of a share, as bench/profile names them.
var owners = []string{"stub", "loop", "codec", "grpc", "memory", "system", "scheduler"}

func (r results) shares() []shareRow {
	var rows []shareRow
	for _, kind := range kinds {
		for _, impl := range []struct{ benchmark, name string }{{"grpc", "by hand"}, {"gohost", "gohost"}, {"reuse", "gohost, reuse"}} {
			row := shareRow{Work: kind.name + ", " + impl.name}
			for _, owner := range owners {
				row.Shares = append(row.Shares, fmt.Sprintf("%.1f %%", r.median("Share/work="+kind.benchmark+"/impl="+impl.benchmark, owner+"-%")))
			}
			rows = append(rows, row)
		}
	}
	return rows
}
