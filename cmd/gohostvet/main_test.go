package main

import (
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/gohostrpc/gohost/cmd/gohostvet/analyzers"
)

// Each analyzer has a corpus of its name in testdata/src: it reports exactly
// what the comments // want say.
func TestCorpora(t *testing.T) {
	t.Parallel()
	for _, a := range analyzers.All() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			analysistest.Run(t, analysistest.TestData(), a, a.Name)
		})
	}
}

// Code that can be migrated is reported, and the fix migrates it.
func TestMoving(t *testing.T) {
	t.Parallel()
	for _, a := range analyzers.Moving() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), a, a.Name)
		})
	}
}

// Code that can be migrated is not a mistake: it is reported only on request.
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
