package main

import (
	"fmt"
	"image/color"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// series are named values, one for each place.
type series struct {
	name   string
	values []float64
}

var colors = []color.Color{
	color.RGBA{R: 0x3b, G: 0x6e, B: 0xa8, A: 0xff},
	color.RGBA{R: 0xe0, G: 0x8a, B: 0x2e, A: 0xff},
	color.RGBA{R: 0x5a, G: 0x9e, B: 0x5a, A: 0xff},
	color.RGBA{R: 0xb0, G: 0x4a, B: 0x5a, A: 0xff},
}

// bars draws the bars of all series side by side, and a line at the height of
// reference, unless it is 0.
func bars(file, title, axis string, reference float64, places []string, all ...series) error {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = title, axis
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, vg.Points(3)
	width := vg.Points(11)
	highest := 0.0
	for i, s := range all {
		b, err := plotter.NewBarChart(plotter.Values(s.values), width)
		if err != nil {
			return err
		}
		b.Color, b.LineStyle.Width = colors[i], 0
		b.Offset = width * vg.Length(float64(i)-float64(len(all)-1)/2)
		p.Add(b)
		p.Legend.Add(s.name, b)
		for _, v := range s.values {
			highest = max(highest, v)
		}
	}
	p.NominalX(places...)
	p.X.Min, p.X.Max = -0.6, float64(len(places))-0.4 // room for the bars of the first and the last place
	p.Y.Min, p.Y.Max = 0, highest*1.25                // and for the legend
	if reference != 0 {
		line := plotter.NewFunction(func(float64) float64 { return reference })
		line.Dashes = []vg.Length{vg.Points(3), vg.Points(3)}
		p.Add(line)
	}
	return p.Save(vg.Length(len(places))*vg.Points(62)+vg.Points(90), vg.Points(260), file)
}

// lines draws each series over xs, both axes logarithmic.
func lines(file, title, xAxis, yAxis string, xs []float64, all ...series) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, xAxis, yAxis
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left, p.Legend.Padding = true, true, vg.Points(3)
	p.Add(plotter.NewGrid())
	for i, s := range all {
		points := make(plotter.XYs, len(xs))
		for j := range xs {
			points[j] = plotter.XY{X: xs[j], Y: s.values[j]}
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return err
		}
		line.Color, marks.Color = colors[i], colors[i]
		line.Width = vg.Points(1.5)
		p.Add(line, marks)
		p.Legend.Add(s.name, line, marks)
	}
	p.X.Max *= 1.2 // room for the last number
	return p.Save(vg.Points(480), vg.Points(300), file)
}

// draw draws all plots into dir.
func (r results) draw(dir string) error {
	var places []string
	relative := []series{{name: "gohost"}, {name: "gohost, reuse"}, {name: "connect-go"}}
	for _, kind := range []string{"ServerStreaming", "ClientStreaming", "Bidirectional"} {
		for _, size := range []string{"16B", "1KiB", "64KiB"} {
			places = append(places, map[string]string{"ServerStreaming": "server", "ClientStreaming": "client", "Bidirectional": "bidi"}[kind]+" "+size)
			name := kind + "/size=" + size + "/impl="
			for i, impl := range []string{"gohost", "reuse", "connect"} {
				relative[i].values = append(relative[i].values, r.ratio("sec/op", name+"grpc", name+impl).mid)
			}
		}
	}
	if err := bars(filepath.Join(dir, "streams.svg"), "Messages per second, relative to protoc-gen-go-grpc", "×", 1, places, relative...); err != nil {
		return err
	}

	const byHand = "relative to loops by hand with grpc's codec"
	if err := r.drawCodec(filepath.Join(dir, "codec.svg"), "Messages per second, "+byHand, "sec/op"); err != nil {
		return err
	}
	if err := r.drawCodec(filepath.Join(dir, "codec-cpu.svg"), "Messages per second of processor time, "+byHand, "cpu-sec/op"); err != nil {
		return err
	}

	counts := []float64{20, 200, 2000}
	var plugins []series
	for _, plugin := range []string{"noop", "gohost", "grpc", "connect"} {
		s := series{name: map[string]string{"noop": "protogen, nothing generated", "gohost": "protoc-gen-gohost", "grpc": "protoc-gen-go-grpc", "connect": "protoc-gen-connect-go"}[plugin]}
		for _, count := range counts {
			s.values = append(s.values, r.ratio("sec/op", fmt.Sprintf("Generate/services=%.0f/plugin=%s", count, plugin), "Generate/services=20/plugin=noop").mid)
		}
		plugins = append(plugins, s)
	}
	if err := lines(filepath.Join(dir, "generate.svg"), "Time to generate", "services", "× nothing generated, 20 services", counts, plugins...); err != nil {
		return err
	}

	counts = []float64{10, 100, 1000}
	var memory []series
	for _, of := range []struct{ name, unit string }{{"client", "client-B"}, {"Traefik", "proxy-B"}} {
		for _, way := range []string{"each", "one"} {
			s := series{name: of.name + map[string]string{"each": ", one connection per service", "one": ", one connection and a host in each call"}[way]}
			for _, count := range counts {
				s.values = append(s.values, r.median(fmt.Sprintf("Hosts/proxy=traefik/services=%.0f/connections=%s", count, way), of.unit)/(1<<20))
			}
			memory = append(memory, s)
		}
	}
	if err := lines(filepath.Join(dir, "hosts.svg"), "Memory for the connections to many services", "services", "MiB", counts, memory...); err != nil {
		return err
	}

	places = nil
	idle := []series{{name: "protoc-gen-go-grpc"}, {name: "gohost"}}
	for _, kind := range idleKinds {
		for _, streams := range []int{10_000, 100_000} {
			places = append(places, fmt.Sprintf("%s %d k", kind, streams/1000))
			for i, impl := range []string{"grpc", "gohost"} {
				idle[i].values = append(idle[i].values, r.median(fmt.Sprintf("Idle/kind=%s/streams=%d/impl=%s", kind, streams, impl), "B/stream")/(1<<10))
			}
		}
	}
	return bars(filepath.Join(dir, "idle.svg"), "Memory of an open idle stream, client and server", "KiB", 0, places, idle...)
}
