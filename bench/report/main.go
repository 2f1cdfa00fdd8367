// Command report makes docs/performance.md, the page about gateways and the plots
// out of the results in bench/results.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

// The pages, by the templates that they are made from.
var (
	//go:embed performance.md.tmpl
	performancePage string
	//go:embed gateways.md.tmpl
	gatewaysPage string
)

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
	if err := errors.Join(r.draw(plots), r.drawGateways(plots)); err != nil {
		return err
	}
	versions, err := dependencies()
	if err != nil {
		return err
	}
	for _, p := range []struct {
		file, text string
		results    string // whose head tells the machine
		data       map[string]any
	}{
		{filepath.Join(docs, "performance.md"), performancePage, "rpc.txt", map[string]any{
			"Rows": r.rows(), "Again": r.again(),
			"Owners": owners, "Shares": r.shares(),
			"Surviving": r.surviving(), "SurvivingAgain": r.survivingAgain(),
			"Hosts": r.hosts(),
		}},
		{filepath.Join(plots, "gateways.md"), gatewaysPage, "gateway.txt", map[string]any{
			"Gateways": r.gateways(), "GatewaysAgain": r.gatewaysAgain(), "GatewayCosts": r.gatewayCosts(),
		}},
	} {
		p.data["Versions"] = versions
		if p.data["Machine"], err = machine(filepath.Join(from, p.results)); err != nil {
			return err
		}
		if err := r.write(p.file, p.text, p.data); err != nil {
			return err
		}
	}
	return nil
}

// write writes the page that a template makes out of data.
func (r results) write(file, text string, data map[string]any) error {
	t, err := template.New("").Funcs(template.FuncMap{
		"ratio":     r.ratio,
		"median":    r.median,
		"middle":    func(x ratio) string { return fmt.Sprintf("%.2f", x.mid) },
		"micros":    func(name, unit string) float64 { return r.median(name, unit) * 1e6 },
		"kilobytes": func(name, unit string) float64 { return r.median(name, unit) / 1e3 },
		"speed": func(work, impl string) string { // relative to loops by hand
			return fmt.Sprintf("%.2f", r.ratio("sec/op", work+"/impl=grpc", work+"/impl="+impl).mid)
		},
	}).Parse(text)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

// machine returns what the head of a file of results says.
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

// dependencies returns the versions of what is measured.
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
