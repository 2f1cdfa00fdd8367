package main

import (
	"fmt"
	"path/filepath"
	"slices"
)

// gatewayRow is the result of a gateway that passes frames on, compared with another.
type gatewayRow struct {
	row
	CPU ratio // like Got, for processor time
}

// gatewayMethods are the methods of the benchmark, with their kinds.
var gatewayMethods = []struct{ method, name string }{
	{"Download", "server streaming"},
	{"Upload", "client streaming"},
	{"Chat", "bidirectional"},
}

func gatewayName(message, method, impl string) string {
	return "Gateway/message=" + message + "/method=" + method + "/impl=" + impl
}

// gateways returns the table of package gateway. A ratio is their time divided by ours.
func (r results) gateways() []gatewayRow {
	var rows []gatewayRow
	add := func(work, message, method, theirs, ours string, want float64) {
		theirs, ours = gatewayName(message, method, theirs), gatewayName(message, method, ours)
		rows = append(rows, gatewayRow{
			atLeast(work, r.ratio("sec/op", theirs, ours), want),
			r.ratio("cpu-sec/op", theirs, ours),
		})
	}
	for _, m := range gatewayMethods {
		add("raw against typed, nested messages, "+m.name, "nested", m.method, "typed", "raw", 1.5)
	}
	for _, m := range gatewayMethods {
		add("raw with its codec against typed, 64KiB, "+m.name, "64KiB", m.method, "typed", "raw-codec", 1.5)
	}
	for _, message := range []string{"nested", "16B", "64KiB"} {
		for _, m := range gatewayMethods {
			add(fmt.Sprintf("raw with its codec against grpc-proxy, %s, %s", message, m.name), message, m.method, "grpc-proxy", "raw-codec", 0.9)
		}
	}
	add("typed against a stub alone, unary", "16B", "Unary", "stub", "typed", 0.97)
	add("typed against a stub alone, nested messages, bidirectional", "nested", "Chat", "stub", "typed", 0.97)
	return rows
}

// gatewayCost is the cost of a message through a gateway, or without one.
type gatewayCost struct {
	Name           string
	Micros, Allocs float64
}

func (r results) gatewayCosts() []gatewayCost {
	var costs []gatewayCost
	for _, g := range []struct{ impl, name string }{
		{"typed", "typed"}, {"stub", "a stub alone"}, {"raw", "raw"}, {"raw-codec", "raw, with its codec"},
		{"grpc-proxy", "grpc-proxy"}, {"relay", "a relay of TCP"}, {"direct", "none"},
	} {
		name := gatewayName("nested", "Download", g.impl)
		costs = append(costs, gatewayCost{g.name, r.median(name, "cpu-sec/op") * 1e6, r.median(name, "allocs/op")})
	}
	return costs
}

// gatewaysAgain returns how a typed gateway compares with itself.
func (r results) gatewaysAgain() string {
	var ratios []float64
	for _, message := range []string{"nested", "16B", "64KiB"} {
		for _, m := range gatewayMethods {
			ratios = append(ratios, r.ratio("sec/op", gatewayName(message, m.method, "typed"), gatewayName(message, m.method, "typed-again")).mid)
		}
	}
	return fmt.Sprintf("%.2f to %.2f", slices.Min(ratios), slices.Max(ratios))
}

// drawGateways plots the messages per second of gateways into dir.
func (r results) drawGateways(dir string) error {
	var places []string
	all := []series{{name: "raw"}, {name: "raw, with its codec"}, {name: "grpc-proxy"}}
	for _, message := range []string{"16B", "nested", "64KiB"} {
		for _, m := range gatewayMethods {
			places = append(places, map[string]string{"Download": "server ", "Upload": "client ", "Chat": "bidi "}[m.method]+message)
			for i, impl := range []string{"raw", "raw-codec", "grpc-proxy"} {
				all[i].values = append(all[i].values, r.ratio("sec/op", gatewayName(message, m.method, "typed"), gatewayName(message, m.method, impl)).mid)
			}
		}
	}
	return bars(filepath.Join(dir, "gateway.svg"), "Messages per second, relative to a typed gateway", "×", 1, places, all...)
}
