package main

import (
	"fmt"
	"slices"
	"strings"
)

// carried are the types of message that bench/impl/codec.go carries, and the targets
// for the stubs with package vtcodec, compared with loops by hand with grpc's codec.
var carried = []struct {
	message, name string
	want          float64
}{{"flat", "flat, 16B", 1.15}, {"nested", "nested, 238B", 1.5}}

// carryKinds are the kinds of stream.
var carryKinds = []struct{ kind, name string }{{"server", "server streaming"}, {"client", "client streaming"}, {"bidi", "bidirectional"}}

// codecRow is a row of the table of package vtcodec: the stubs with it and with reuse,
// compared with loops by hand.
type codecRow struct {
	Work, Unit  string
	Codec, Same ratio // compared with grpc's codec, and with the same codec and reuse
	Want, Holds string
	SameHolds   string
	Allocs      string
}

func (r results) codec() []codecRow {
	var rows []codecRow
	for _, c := range carried {
		for _, k := range carryKinds {
			name := "Codec/message=" + c.message + "/kind=" + k.kind + "/impl="
			for _, u := range []struct{ unit, name string }{{"sec/op", "throughput"}, {"cpu-sec/op", "by processor time"}} {
				codec := atLeast("", r.ratio(u.unit, name+"grpc", name+"vtcodec-reuse"), c.want)
				same := atLeast("", r.ratio(u.unit, name+"grpc-vtcodec-reuse", name+"vtcodec-reuse"), 0.97)
				rows = append(rows, codecRow{
					Work: c.name + ", " + k.name, Unit: u.name,
					Codec: codec.Got, Want: codec.Want, Holds: codec.Holds,
					Same: same.Got, SameHolds: same.Holds,
					Allocs: fmt.Sprintf("%.0f → %.0f", r.median(name+"grpc", "allocs/op"), r.median(name+"vtcodec-reuse", "allocs/op")),
				})
			}
		}
	}
	return rows
}

// codecAgain returns how loops by hand with grpc's codec compare with themselves.
func (r results) codecAgain() string {
	var ratios []float64
	for _, c := range carried {
		for _, k := range carryKinds {
			name := "Codec/message=" + c.message + "/kind=" + k.kind + "/impl=grpc"
			ratios = append(ratios, r.ratio("cpu-sec/op", name, name+"-again").mid)
		}
	}
	return fmt.Sprintf("%.2f to %.2f", slices.Min(ratios), slices.Max(ratios))
}

// settings are those of bench/impl/settings.go, and their texts.
var settings = []struct{ name, text string }{
	{"GOGC-400", "`GOGC=400`"},
	{"GOMEMLIMIT-256MiB", "`GOGC=off GOMEMLIMIT=256MiB`"},
	{"own-write-buffer", "`SharedWriteBuffer(false)`, once the default"},
	{"write-buffer-256KiB", "`WriteBufferSize(256 << 10)`"},
	{"no-write-buffer", "`WriteBufferSize(0)`"},
	{"no-retry", "`WithDisableRetry()`"},
	{"static-windows-1MiB", "`StaticStreamWindowSize`, `StaticConnWindowSize` of 1 MiB"},
}

// settingRow is the work per second of processor time with a setting, divided by that
// without, by hand and with the stubs.
type settingRow struct {
	Setting string
	Ratios  []string // of server streaming, bidirectional, and unary
}

func (r results) settings() []settingRow {
	var rows []settingRow
	for _, s := range settings {
		row := settingRow{Setting: s.text}
		for _, work := range []string{"server", "bidi", "unary"} {
			var both []string
			for _, impl := range []string{"grpc", "gohost"} {
				name := "Settings/work=" + work + "/setting=%s/impl=" + impl
				both = append(both, fmt.Sprintf("%.2f", r.ratio("cpu-sec/op", fmt.Sprintf(name, "default"), fmt.Sprintf(name, s.name)).mid))
			}
			row.Ratios = append(row.Ratios, strings.Join(both, ", "))
		}
		rows = append(rows, row)
	}
	return rows
}

// layer returns the processor time that the stubs add to a message, in ns.
func (r results) layer(work string) string {
	name := "Layer/work=" + work + "/impl="
	ns := (r.median(name+"gohost", "cpu-sec/op") - r.median(name+"grpc", "cpu-sec/op")) * 1e9
	return fmt.Sprintf("%.0f", max(ns, 0))
}

// drawCodec plots package vtcodec, compared with loops by hand with grpc's codec.
func (r results) drawCodec(file, title, unit string) error {
	var places []string
	relative := []series{{name: "gohost"}, {name: "gohost, vtcodec"}, {name: "gohost, vtcodec, reuse"}, {name: "by hand, vtcodec, reuse"}}
	for _, c := range carried {
		for _, k := range carryKinds {
			places = append(places, k.kind+" "+c.message)
			name := "Codec/message=" + c.message + "/kind=" + k.kind + "/impl="
			for i, impl := range []string{"gohost", "vtcodec", "vtcodec-reuse", "grpc-vtcodec-reuse"} {
				relative[i].values = append(relative[i].values, r.ratio(unit, name+"grpc", name+impl).mid)
			}
		}
	}
	return bars(file, title, "×", 1, places, relative...)
}
