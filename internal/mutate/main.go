// Mutate puts bugs into packages stub and stream, one at a time, and runs their
// tests: a bug that no test finds is a promise that no test keeps. It prints a
// table, and exits with 1 where a bug was not found.
//
//	go run ./internal/mutate            all bugs, from the root of the module
//	go run ./internal/mutate drain      those whose name matches this expression
//
// The sources stay as they are: "go test -overlay" replaces them.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if err := run(strings.Join(os.Args[1:], " ")); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1) //nolint:forbidigo // this is a main, though not in cmd
	}
}

func run(expression string) error {
	wanted, err := regexp.Compile(expression)
	if err != nil {
		return err
	}
	if out, err := test(); err != nil {
		return fmt.Errorf("the tests fail without a bug: %w\n%s", err, out)
	}
	var errs []error
	fmt.Fprintln(os.Stdout, "| bug | file | found by |\n| --- | --- | --- |")
	for _, b := range bugs {
		if !wanted.MatchString(b.name) {
			continue
		}
		found, err := b.find()
		if err == nil && found == "" {
			found, err = "**nothing**", errors.New("no test has found it")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", b.name, err))
		}
		fmt.Fprintf(os.Stdout, "| %s | %s | %s |\n", b.name, b.file, found)
	}
	return errors.Join(errs...)
}

// find runs the tests with the bug, and returns what has found it.
func (b bug) find() (string, error) {
	source, err := b.mutant()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is a temporary folder
	mutant := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(mutant, []byte(source), 0o600); err != nil {
		return "", err
	}
	path, err := filepath.Abs(b.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutant}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	out, err := test("-overlay", list)
	if err == nil {
		return "", nil
	}
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		return "", err
	}
	if strings.Contains(out, "[build failed]") {
		return "", fmt.Errorf("the bug does not compile:\n%s", out)
	}
	return finder(out), nil
}

// mutant returns the source with the bug.
func (b bug) mutant() (string, error) {
	source, err := os.ReadFile(b.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(source), b.old); n != 1 {
		return "", fmt.Errorf("%s contains %q %d times, want once", b.file, b.old, n)
	}
	return strings.Replace(string(source), b.old, b.new, 1), nil
}

// test runs the tests of the runtime, and returns what they print: first
// without the race detector, which is quicker and finds most bugs.
func test(flags ...string) (string, error) {
	for _, detector := range []string{"-race=false", "-race"} {
		args := append([]string{"test", detector, "-failfast", "-count=1", "-timeout=40s"}, flags...)
		out, err := exec.Command("go", append(args, "./stub", "./stream")...).CombinedOutput()
		if err != nil {
			return string(out), err
		}
	}
	return "", nil
}

var (
	failed  = regexp.MustCompile(`(?m)^\s*--- FAIL: (Test\w+)`)
	running = regexp.MustCompile(`(?m)^\s+(Test\w+)\S* \(\d+s\)$`) // when the time is up
	inStack = regexp.MustCompile(`_test\.(Test\w+)\.?`)
	how     = []struct{ text, what string }{
		{"DATA RACE", "data race"},
		{"panic: deadlock", "deadlock"},
		{"found unexpected goroutines", "leak"},
		{"panic: test timed out", "hangs"},
		{"panic: ", "panic"},
	}
)

// finder says which test has failed in out, and how.
func finder(out string) string {
	name := "the test binary"
	for _, r := range []*regexp.Regexp{failed, running, inStack} {
		if m := r.FindStringSubmatch(out); m != nil {
			name = m[1]
			break
		}
	}
	for _, h := range how {
		if strings.Contains(out, h.text) {
			return name + " (" + h.what + ")"
		}
	}
	return name
}
