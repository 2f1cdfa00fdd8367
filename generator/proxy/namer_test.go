package proxy

import (
	"slices"
	"testing"
)

func TestUniqueNames(t *testing.T) {
	t.Parallel()
	asked := []string{"a", "A", "a", "a-2", "b", "a-3", "a", "a-2"}
	for fold, want := range map[bool][]string{
		false: {"a", "A", "a-2", "a-2-2", "b", "a-3", "a-4", "a-2-3"},
		true:  {"a", "A-2", "a-3", "a-2-2", "b", "a-3-2", "a-4", "a-2-3"},
	} {
		names := namer{fold: fold}
		var got []string
		for _, name := range asked {
			got = append(got, names.unique(name))
		}
		if !slices.Equal(got, want) {
			t.Errorf("fold %t: names for %q are %q, want %q", fold, asked, got, want)
		}
	}
}

// The thousandth name costs as much as the second.
func TestUniqueNamesAreCheap(t *testing.T) { //nolint:paralleltest // it counts allocations
	var names namer
	ask := func() { names.unique("a") }
	few := testing.AllocsPerRun(10, ask)
	for range 1000 {
		ask()
	}
	if many := testing.AllocsPerRun(10, ask); many > few+5 {
		t.Errorf("%v allocations after 1000 names, %v before", many, few)
	}
}
