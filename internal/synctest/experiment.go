//go:build !go1.25 && goexperiment.synctest

package synctest

import (
	"testing"
	"testing/synctest"
)

// Test runs f in a bubble. What belongs to t, its context for instance, must
// belong to the bubble too: so f is a subtest that begins and ends in there.
func Test(t *testing.T, f func(*testing.T)) {
	t.Helper()
	synctest.Run(func() { t.Run("bubble", f) })
}

// Wait is synctest.Wait.
func Wait() { synctest.Wait() }
