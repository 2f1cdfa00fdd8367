package main

import (
	"testing"
)

// A bug that is in no place is put in by nobody.
func TestEachBugHasItsPlace(t *testing.T) {
	t.Chdir("../..")
	names := make(map[string]bool)
	for _, b := range bugs {
		if _, err := b.mutant(); err != nil {
			t.Errorf("%s: %v", b.name, err)
		}
		if names[b.name] {
			t.Errorf("%s is there twice", b.name)
		}
		names[b.name] = true
	}
}
