package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A bug without a place would not be tried.
func TestEachBugHasItsPlace(t *testing.T) {
	t.Chdir("../..")
	for _, s := range suites {
		if len(s.bugs) == 0 {
			t.Errorf("%s has no bugs", s.name)
		}
		if _, err := os.Stat(filepath.Join(s.module, "go.mod")); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		names := make(map[string]bool)
		for _, b := range s.bugs {
			if _, err := b.mutant(); err != nil {
				t.Errorf("%s: %s: %v", s.name, b.name, err)
			}
			if b.old == b.new {
				t.Errorf("%s: %s changes nothing", s.name, b.name)
			}
			if names[b.name] {
				t.Errorf("%s: %s is listed twice", s.name, b.name)
			}
			names[b.name] = true
		}
	}
}

// The tables distinguish found bugs from others, in their order. Everything except a
// found bug is an error.
func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod": "module example\n",
		"a.go":   "package example\n\nfunc double(x int) int { return x + x }\n\nfunc unused() {}\n",
		"a_test.go": `package example

import "testing"

func TestDouble(t *testing.T) {
	if double(2) != 4 {
		t.Error("2")
	}
}

func TestFails(t *testing.T) {
	if double(-1) == 0 {
		panic("-1")
	}
}
`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	suites := []suite{
		{name: "one", packages: ".", bugs: []bug{
			{"square", "a.go", "x + x", "x * x"}, // the same for 2
			{"half", "a.go", "x + x", "x / 2"},
			{"nothing", "a.go", "x + x", "x +"},
			{"nowhere", "a.go", "y + y", "x"},
		}},
		{name: "two", packages: ".", bugs: []bug{
			{"zero for one", "a.go", "return x + x", "if x < 0 {\nreturn 0\n}\nreturn x + x"},
			{"another name", "a.go", "unused", "notUsed"},
		}},
		{name: "three", packages: "./missing", bugs: []bug{{"half", "a.go", "x + x", "x / 2"}}},
	}
	const header = "| bug | in | found by |\n| --- | --- | --- |\n"
	const counts = "\n| package | bugs | found | not found |\n| --- | --- | --- | --- |\n"
	for _, test := range []struct {
		expression string
		table      string
		errors     []string
	}{
		{"one: half", header + "| half | a.go | TestDouble |\n" + counts + "| one | 1 | 1 | 0 |\n| all | 1 | 1 | 0 |\n", nil},
		{"^(one|two): ", header + "| square | a.go | **nothing** |\n| half | a.go | TestDouble |\n| nothing | a.go | **nothing** |\n| nowhere | a.go | **nothing** |\n" +
			"| zero for one | a.go | TestFails (panic) |\n| another name | a.go | **nothing** |\n" +
			counts + "| one | 4 | 1 | 3 |\n| two | 2 | 1 | 1 |\n| all | 6 | 2 | 4 |\n",
			[]string{"one: square: no test has found it", "one: nothing: the bug does not compile", `one: nowhere: a.go contains "y + y" 0 times`, "two: another name: no test has found it"}},
		{"three: ", header + counts + "| three | 1 | 0 | 1 |\n| all | 1 | 0 | 1 |\n", []string{"three: the tests fail without a bug"}},
		{"four", header, []string{`no bug matches "four"`}},
		{"(", "", []string{"missing closing )"}},
	} {
		var table strings.Builder
		err := run(&table, suites, test.expression, 2)
		if table.String() != test.table {
			t.Errorf("%s: the output is\n%s\nwant\n%s", test.expression, table.String(), test.table)
		}
		if (err == nil) != (test.errors == nil) {
			t.Errorf("%s: error = %v, want %q", test.expression, err, test.errors)
		}
		for _, want := range test.errors {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error = %v, want one with %q", test.expression, err, want)
			}
		}
	}
}

// finder returns which test has found a bug, and how.
func TestFinder(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]string{
		"--- FAIL: TestA (0.00s)\n    a_test.go:1: x\n":                                               "TestA",
		"--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\n":                                    "TestA",
		"--- FAIL: Example_leave (0.00s)\ngot:\n":                                                     "Example_leave",
		"--- FAIL: FuzzA (0.00s)\n":                                                                   "FuzzA",
		"WARNING: DATA RACE\n--- FAIL: TestA (0.00s)\n":                                               "TestA (data race)",
		"panic: test timed out after 40s\n\trunning tests:\n\t\tTestA (40s)\n":                        "TestA (hangs)",
		"panic: x\n\ngoroutine 1 [running]:\nexample_test.TestA.func1(0x1)\n":                         "TestA (panic)",
		"panic: deadlock: all goroutines in bubble are blocked\n--- FAIL: TestA (0.00s)\n":            "TestA (deadlock)",
		"goleak: Errors on successful test run: found unexpected goroutines:\n[Goroutine 7 in state]": "the test binary (leak)",
	} {
		if got := finder(out); got != want {
			t.Errorf("finder(%q) = %q, want %q", out, got, want)
		}
	}
}
