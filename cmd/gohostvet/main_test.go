package main

import (
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
