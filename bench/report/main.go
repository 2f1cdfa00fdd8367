// Command report writes docs/performance.md, the pages about connections, gateways and
// wires, and the plots, from the results in bench/results.
package main

import (
	"embed"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed *.md.tmpl
var pages embed.FS

func main() {
	log.SetFlags(0)
	if err := report("results", "../docs"); err != nil {
		log.Fatal(err)
	}
}

func report(from, docs string) error {
	files, err := filepath.Glob(filepath.Join(from, "*.txt"))
	if err != nil {
		return err
	}
	var raw []string
	for _, f := range files {
		if !strings.HasSuffix(f, ".benchstat.txt") {
			raw = append(raw, f)
		}
	}
	r, err := readResults(raw...)
	if err != nil {
		return err
	}
	plots := filepath.Join(docs, "performance")
	if err := os.MkdirAll(plots, 0o755); err != nil {
		return err
	}
	if err := errors.Join(r.draw(plots), r.drawGateways(plots), r.drawWires(plots)); err != nil {
		return err
	}
	templates, err := template.New("").Funcs(template.FuncMap{
		"ratio":     r.ratio,
		"median":    r.median,
		"middle":    func(x ratio) string { return fmt.Sprintf("%.2f", x.mid) },
		"micros":    func(name, unit string) float64 { return r.median(name, unit) * 1e6 },
		"nanos":     func(name, unit string) float64 { return r.median(name, unit) * 1e9 },
		"layer":     r.layer,
		"kilobytes": func(name, unit string) float64 { return r.median(name, unit) / 1e3 },
		"speed": func(work, impl string) string { // compared with loops by hand
			return fmt.Sprintf("%.2f", r.ratio("sec/op", work+"/impl=grpc", work+"/impl="+impl).mid)
		},
	}).ParseFS(pages, "*.md.tmpl")
	if err != nil {
		return err
	}
	versions, err := dependencies()
	if err != nil {
		return err
	}
	write := func(page, template, results string, data map[string]any) error {
		machine, err := machine(filepath.Join(from, results))
		if err != nil {
			return err
		}
		data["Machine"], data["Versions"] = machine, versions
		var b strings.Builder
		if err := templates.ExecuteTemplate(&b, template, data); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(docs, page), []byte(b.String()), 0o644)
	}
	return errors.Join(
		write("performance.md", "performance.md.tmpl", "rpc.txt", map[string]any{
			"Rows": r.rows(), "Again": r.again(),
			"Owners": owners, "Shares": r.shares(),
			"Codec": r.codec(), "CodecAgain": r.codecAgain(), "Settings": r.settings(),
		}),
		write("performance-scaling.md", "scaling.md.tmpl", "scaling.txt", map[string]any{
			"Scaling": r.scaling(), "ScalingAgain": r.scalingAgain(), "Full": r.full(), "Scaled": r.scaled(),
			"Hosts": r.hosts(), "Surviving": r.surviving(), "SurvivingAgain": r.survivingAgain(),
		}),
		write("performance/gateways.md", "gateways.md.tmpl", "gateway.txt", map[string]any{
			"Gateways": r.gateways(), "GatewaysAgain": r.gatewaysAgain(), "GatewayCosts": r.gatewayCosts(),
		}),
		write("performance/wires.md", "wires.md.tmpl", "wires.txt", map[string]any{
			"Wires": r.wires(), "WireRatios": r.wireRatios(), "WiresAgain": r.wiresAgain(),
		}),
	)
}

// machine returns the fields in the header of a file of results.
func machine(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	head := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && head[key] == "" {
			head[key] = value
		}
	}
	return head, nil
}

// dependencies returns the versions of the measured modules.
func dependencies() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	versions := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		versions[path] = version
	}
	return versions, nil
}
