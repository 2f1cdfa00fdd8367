package contract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// build builds the tests of package stub with testdata's start. It returns the folder
// to run them in, and the program.
func build(t *testing.T) (dir, program string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	dir, program = filepath.Join(root, "stub"), filepath.Join(tmp, "contract.test")
	replace := make(map[string]string)
	for _, f := range []string{"start_test.go", "pipe_test.go"} {
		replace[filepath.Join(dir, f)] = filepath.Join(root, "e2e", "contract", "testdata", f)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	work := fmt.Sprintf("go 1.26.0\nuse %q\nuse %q\n", root, filepath.Join(root, "gohostconnect"))
	for name, data := range map[string][]byte{"go.work": []byte(work), "overlay.json": overlay} {
		if err := os.WriteFile(filepath.Join(tmp, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-race="+strconv.FormatBool(os.Getenv("GOHOST_E2E_RACE") != ""), "-overlay", filepath.Join(tmp, "overlay.json"), "-o", program, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(tmp, "go.work"), "GOFLAGS=-mod=readonly")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go test -c: %v\n%s", err, out)
	}
	return dir, program
}

// died is the result of a test that did not end.
const died = "died"

// results are the results of the tests of a run, by their full names. Only tests
// without subtests are listed.
type results struct {
	ended  map[string]string // pass, fail or skip
	output []byte
}

// run runs the tests that match pattern and do not match skip.
func run(t *testing.T, dir, program, wire, pattern, skip string, limit time.Duration) results {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "tool", "test2json", program, "-test.v=test2json", "-test.timeout="+limit.String(), "-test.run="+pattern, "-test.skip="+skip)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOHOST_WIRE="+wire)
	out, _ := cmd.Output() // the output says what failed
	r := results{make(map[string]string), out}
	begun, without := make(map[string]bool), make(map[string]bool)
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e struct{ Action, Test, Key string }
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Test == "" {
			continue
		}
		switch e.Action {
		case "run":
			begun[e.Test] = true
			for i, c := range e.Test { // a parent adds nothing to its children
				if c == '/' {
					delete(begun, e.Test[:i])
				}
			}
		case "attr":
			if e.Key == "without" {
				without[e.Test] = true
			}
		case "pass", "fail", "skip":
			r.ended[e.Test] = e.Action
			if without[e.Test] { // within a bubble it passes
				r.ended[e.Test] = "skip"
			}
		}
	}
	for name := range r.ended {
		if !begun[name] {
			delete(r.ended, name)
		}
	}
	for name := range begun {
		if r.ended[name] == "" {
			r.ended[name] = died // with another test, or by itself
		}
	}
	return r
}

// TestContract runs the contract over each wire. Exactly the exceptions must fail.
func TestContract(t *testing.T) {
	t.Parallel()
	dir, program := build(t)
	for _, wire := range wires {
		t.Run(wire.name, func(t *testing.T) {
			t.Parallel()
			checkWire(t, dir, program, wire.name)
		})
	}
}

func checkWire(t *testing.T, dir, program, wire string) {
	t.Helper()
	var not, behind, alone []string
	for _, e := range exceptions {
		if !slices.Contains(e.wires, wire) {
			continue
		}
		switch e.kind {
		case hangs:
			not = append(not, e.tests)
			alone = append(alone, strings.SplitAfter(e.tests, "|")...)
		case leftOut:
			not = append(not, e.tests)
			if e.tests == bidi {
				behind = []string{"/bidirectional", "//bidirectional", "///bidirectional"} // each hides the ones after it
			}
		case fails, skipped, differs:
		}
	}
	r := run(t, dir, program, wire, "", strings.Join(append(not, behind...), "|"), 10*time.Minute)
	if len(r.ended) < 100 {
		t.Fatalf("%d tests have run:\n%s", len(r.ended), r.output)
	}
	found, dead := make(map[string]int), 0
	for name, how := range r.ended {
		i := slices.IndexFunc(exceptions, func(e exception) bool {
			return slices.Contains(e.wires, wire) && regexp.MustCompile(e.tests).MatchString(name) && (e.kind == fails && how == "fail" || e.kind == skipped && how == "skip")
		})
		switch {
		case i >= 0:
			found[exceptions[i].why]++
		case how == died:
			dead++
		case how != "pass":
			t.Errorf("%s: %s, but it is not an exception", name, how)
		}
	}
	for name, how := range r.ended {
		for _, e := range exceptions {
			if how == "pass" && e.kind != leftOut && e.kind != differs && slices.Contains(e.wires, wire) && regexp.MustCompile(e.tests).MatchString(name) {
				t.Errorf("%s holds, but it is an exception (%s)", name, e.why)
			}
		}
	}
	if dead > 0 {
		t.Errorf("the process died with %d tests", dead)
	}
	for _, pattern := range alone {
		pattern = strings.TrimSuffix(pattern, "|")
		one := run(t, dir, program, wire, pattern, "", 15*time.Second)
		for name, how := range one.ended {
			if how == "pass" {
				t.Errorf("%s holds, but it is an exception", name)
			}
		}
		if len(one.ended) == 0 {
			t.Errorf("no test matches %s", pattern)
		}
	}
	for _, e := range exceptions {
		if slices.Contains(e.wires, wire) && (e.kind == fails || e.kind == skipped) && found[e.why] == 0 {
			t.Errorf("no test matches the exception %q", e.why)
		}
	}
	if t.Failed() {
		t.Logf("%s", failures(r.output))
	}
	t.Attr("tests", fmt.Sprint(len(r.ended)))
}

// failures returns the output of the failed tests.
func failures(out []byte) string {
	var text strings.Builder
	for line := range bytes.Lines(out) {
		var e struct{ Action, Test, Output string }
		if json.Unmarshal(line, &e) == nil && e.Action == "output" && (strings.Contains(e.Output, "_test.go:") || strings.HasPrefix(e.Output, "panic")) && text.Len() < 1<<14 {
			fmt.Fprintf(&text, "%s: %s", e.Test, e.Output)
		}
	}
	return text.String()
}
