//go:build !go1.25 && !goexperiment.synctest

package synctest

import "testing"

// Test skips t.
func Test(t *testing.T, _ func(*testing.T)) {
	t.Helper()
	t.Skip("testing/synctest needs Go 1.25, or GOEXPERIMENT=synctest with Go 1.24")
}

// Wait is never called: there are no bubbles here.
func Wait() {}
