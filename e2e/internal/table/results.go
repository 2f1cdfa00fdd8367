package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// event is a line of test2json's output. See "go doc test2json".
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a build
	Test        string
	Elapsed     float64
	Output      string
	Key, Value  string
	FailedBuild string
}

// test is the result of a test, or of a package, whose name is "".
type test struct {
	pkg, name string
	parent    bool   // it has subtests, which are listed instead
	action    string // pass, fail or skip; "" until it has ended
	elapsed   time.Duration
	output    strings.Builder
	seen      []string
}

// results are the tests in the order of their beginnings.
type results struct {
	tests  []*test
	byName map[[2]string]*test
	builds map[string]*strings.Builder // the compiler's output for a package
}

func read(in io.Reader) (*results, error) {
	r := &results{byName: make(map[[2]string]*test), builds: make(map[string]*strings.Builder)}
	decoder := json.NewDecoder(in)
	for {
		var e event
		if err := decoder.Decode(&e); err == io.EOF {
			return r, nil
		} else if err != nil {
			return nil, fmt.Errorf("not the output of go test -json: %w", err)
		}
		r.add(e)
	}
}

func (r *results) add(e event) {
	if e.Action == "build-output" {
		if r.builds[e.ImportPath] == nil {
			r.builds[e.ImportPath] = new(strings.Builder)
		}
		r.builds[e.ImportPath].WriteString(e.Output)
	}
	if e.Package == "" {
		return
	}
	t := r.test(e.Package, e.Test)
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "attr":
		if e.Key == "seen" {
			t.seen = append(t.seen, e.Value)
		}
	case "pass", "fail", "skip":
		t.action = e.Action
		t.elapsed = time.Duration(e.Elapsed * float64(time.Second))
		if b := r.builds[e.FailedBuild]; b != nil {
			t.output.WriteString(b.String())
		}
	}
}

func (r *results) test(pkg, name string) *test {
	key := [2]string{pkg, name}
	if r.byName[key] == nil {
		r.byName[key] = &test{pkg: pkg, name: name}
		r.tests = append(r.tests, r.byName[key])
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			r.test(pkg, name[:i]).parent = true
		} else if name != "" {
			r.test(pkg, "").parent = true
		}
	}
	return r.byName[key]
}

// rows returns the tests of the table: those without subtests, and others that failed
// by themselves. Tests in internal are not components.
func (r *results) rows() []*test {
	rows := slices.DeleteFunc(slices.Clone(r.tests), func(t *test) bool {
		if t.action == "fail" {
			return t.parent && r.childFailed(t)
		}
		return t.name == "" || t.parent || strings.Contains(t.pkg, "/internal/")
	})
	slices.SortStableFunc(rows, func(a, b *test) int {
		return strings.Compare(a.component(), b.component())
	})
	return rows
}

func (r *results) childFailed(parent *test) bool {
	return slices.ContainsFunc(r.tests, func(t *test) bool {
		inside := parent.name == "" || strings.HasPrefix(t.name, parent.name+"/")
		return t.pkg == parent.pkg && t.name != "" && inside && t.action != "pass" && t.action != "skip"
	})
}

// component returns "package Test" without the common parts.
func (t *test) component() string {
	name, _, _ := strings.Cut(t.name, "/")
	return strings.TrimSpace(path.Base(t.pkg) + " " + strings.TrimPrefix(name, "Test"))
}

func (t *test) caseName() string {
	_, name, _ := strings.Cut(t.name, "/")
	return strings.ReplaceAll(name, "_", " ")
}

func (t *test) result() string {
	switch t.action {
	case "pass":
		return "ok"
	case "skip":
		return "skipped"
	}
	return "FAILED"
}

func (r *results) write(out io.Writer) error {
	rows := r.rows()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COMPONENT\tCASE\tRESULT\tTIME\tSEEN")
	for _, t := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%.1fs\t%s\n", t.component(), t.caseName(), t.result(), t.elapsed.Seconds(), strings.Join(t.seen, "; "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	// The failures are last, because readers of a long log look there first.
	for _, t := range rows {
		if t.action != "pass" {
			fmt.Fprintf(out, "--- %s: %s/%s\n%s\n", t.result(), t.pkg, t.name, t.output.String())
		}
	}
	return nil
}

// check returns an error unless there were tests and all of them passed.
func (r *results) check() error {
	passed := 0
	var failed []string
	for _, t := range r.rows() {
		switch t.result() {
		case "ok":
			passed++
		case "FAILED":
			failed = append(failed, strings.TrimSpace(t.component()+" "+t.caseName()))
		}
	}
	switch {
	case len(failed) > 0:
		return fmt.Errorf("%d failed: %s", len(failed), strings.Join(failed, ", "))
	case passed == 0:
		return errors.New("no test passed")
	}
	return nil
}
