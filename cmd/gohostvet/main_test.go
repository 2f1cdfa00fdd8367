package main

import (
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/gohostrpc/gohost/cmd/gohostvet/analyzers"
)

// Each analyzer has a corpus of its name in testdata/src: it reports what the
// comments // want say, and nothing else.
func TestCorpora(t *testing.T) {
	t.Parallel()
	for _, a := range analyzers.All() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			analysistest.Run(t, analysistest.TestData(), a, a.Name)
		})
	}
}

// What can be moved is reported, and the fix moves it.
func TestMoving(t *testing.T) {
	t.Parallel()
	for _, a := range analyzers.Moving() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), a, a.Name)
		})
	}
}

// What can be moved is no mistake: it is reported if somebody asks.
func TestMovingIsAskedFor(t *testing.T) {
	t.Parallel()
	all := len(analyzers.All())
	for args, want := range map[string]int{
		"./...":                  all,
		"-unclosed ./...":        all,
		"-oldclient -fix ./...":  all + 1,
		"--oldserver=true ./...": all + 1,
		"-flags":                 all + 2,
	} {
		if got := len(chosen(strings.Fields(args))); got != want {
			t.Errorf("gohostvet %s runs %d analyzers, want %d", args, got, want)
		}
	}
}
