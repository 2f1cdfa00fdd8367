//go:build go1.25

package synctest

import (
	"testing"
	"testing/synctest"
)

// Test is synctest.Test.
func Test(t *testing.T, f func(*testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// Wait is synctest.Wait.
func Wait() { synctest.Wait() }
