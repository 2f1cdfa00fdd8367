package main

import "testing"

func TestEachRootBugHasItsPlace(t *testing.T) {
	t.Chdir("../..")
	for _, b := range rootBugs {
		if _, err := b.mutant(); err != nil {
			t.Errorf("%s: %v", b.name, err)
		}
	}
}
