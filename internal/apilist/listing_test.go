package main

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

// testdata/kinds has each kind of declaration, and its listing is beside it.
func TestKinds(t *testing.T) {
	t.Parallel()
	const golden = "testdata/kinds.txt"
	packages, err := load(".", "./testdata/kinds")
	if err != nil {
		t.Fatal(err)
	}
	got := list(packages[0]).String()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := unified(golden, string(want), got); diff != "" {
		t.Errorf("%sif the change is wanted: go test ./internal/apilist -update", diff)
	}
}
