package generator_test

import (
	"errors"
	"testing"

	"github.com/gohostrpc/gohost/generator"
)

func TestInParallel(t *testing.T) {
	t.Parallel()
	results := make([]int, 100)
	err := generator.InParallel(len(results), func(i int) error {
		results[i] = i + 1
		switch i {
		case 7:
			return errors.New("seven")
		case 5:
			return errors.New("five")
		}
		return nil
	})
	for i, result := range results {
		if result != i+1 {
			t.Errorf("%d was not done", i)
		}
	}
	if err == nil || err.Error() != "five\nseven" {
		t.Errorf("error %v, want five and seven", err)
	}
}

// Respond recovers panics of packages that read the request, but only on its own
// goroutine.
func TestInParallelPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if r := recover(); r != "broken" {
			t.Errorf("recovered %v", r)
		}
	}()
	err := generator.InParallel(10, func(i int) error {
		if i == 3 {
			panic("broken")
		}
		return nil
	})
	t.Errorf("returned %v", err)
}
