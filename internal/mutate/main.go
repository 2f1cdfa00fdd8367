// Mutate puts bugs into packages, one at a time, and runs their tests: a bug that no
// test finds is a promise that no test checks. It prints a table of the bugs, and one
// that counts them by package. It exits with 1 if a bug is not found, does not compile,
// or has no place, or if tests fail without a bug.
//
//	go run ./internal/mutate                  all bugs, from the root of the module
//	go run ./internal/mutate '^proxy: '       those of one package
//	go run ./internal/mutate drain            those whose "package: name" matches
//	go run ./internal/mutate -j 1 drain       one at a time, not one per CPU
//
// The sources do not change: "go test -overlay" replaces them. suites.go lists the
// packages and their tests. The bugs of each package are in a file with its name.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
)

func main() {
	jobs := flag.Int("j", runtime.NumCPU(), "how many bugs are tried in parallel")
	flag.Parse()
	if err := run(os.Stdout, suites, strings.Join(flag.Args(), " "), *jobs); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1) //nolint:forbidigo // this is a main, though not in cmd
	}
}

// run tries the bugs of suites whose "package: name" matches expression.
func run(w io.Writer, suites []suite, expression string, jobs int) error {
	wanted, err := regexp.Compile(expression)
	if err != nil {
		return err
	}
	if jobs < 1 {
		return fmt.Errorf("-j %d: at least one bug is tried at a time", jobs)
	}
	var errs []error
	var counts []count
	fmt.Fprintln(w, "| bug | in | found by |\n| --- | --- | --- |")
	for _, s := range suites {
		if s = s.only(wanted); len(s.bugs) > 0 {
			found, err := s.run(w, jobs)
			counts = append(counts, count{s.name, len(s.bugs), found})
			errs = append(errs, err)
		}
	}
	if len(counts) == 0 {
		return fmt.Errorf("no bug matches %q", expression)
	}
	summarize(w, counts)
	return errors.Join(errs...)
}

// run tries the bugs of s, writes a row for each, in their order, and returns how many
// were found.
func (s suite) run(w io.Writer, jobs int) (found int, err error) {
	if err := s.check(); err != nil {
		return 0, err
	}
	var errs []error
	for i, r := range s.try(jobs) {
		b, r := s.bugs[i], <-r
		if r.err != nil {
			r.by = "**nothing**"
			errs = append(errs, fmt.Errorf("%s: %s: %w", s.name, b.name, r.err))
		} else {
			found++
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", b.name, b.file, r.by)
	}
	return found, errors.Join(errs...)
}

// only returns s with those of its bugs whose "package: name" matches wanted.
func (s suite) only(wanted *regexp.Regexp) suite {
	var bugs []bug
	for _, b := range s.bugs {
		if wanted.MatchString(s.name + ": " + b.name) {
			bugs = append(bugs, b)
		}
	}
	s.bugs = bugs
	return s
}

// result is the result of a bug: the test that has found it, or why none has.
type result struct {
	by  string
	err error
}

// try starts to try the bugs of s, with jobs of them in parallel. The results are in
// the order of the bugs.
func (s suite) try(jobs int) []chan result {
	results := make([]chan result, len(s.bugs))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	var tried atomic.Int64
	for range jobs {
		go func() {
			for i := tried.Add(1) - 1; i < int64(len(s.bugs)); i = tried.Add(1) - 1 {
				by, err := s.bugs[i].find(s)
				results[i] <- result{by, err}
			}
		}()
	}
	return results
}

// count counts the bugs of a package.
type count struct {
	name        string
	bugs, found int
}

func summarize(w io.Writer, counts []count) {
	all := count{name: "all"}
	for _, c := range counts {
		all.bugs += c.bugs
		all.found += c.found
	}
	fmt.Fprintln(w, "\n| package | bugs | found | not found |\n| --- | --- | --- | --- |")
	for _, c := range append(counts, all) {
		fmt.Fprintf(w, "| %s | %d | %d | %d |\n", c.name, c.bugs, c.found, c.bugs-c.found)
	}
}
