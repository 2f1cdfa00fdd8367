//go:build !go1.25 && goexperiment.synctest

package synctest

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc/resolver"
)

// oneBubble is held by the running bubble. Go 1.24 counts a goroutine that waits for a
// WaitGroup as idle, even if the WaitGroup belongs to another bubble. So two bubbles in
// which encoding/json meets a type for the first time, as in grpc's channels, were
// sometimes reported as a deadlock.
var oneBubble sync.Mutex

// A test outside the bubbles may use the same WaitGroup, so encoding/json meets that type
// here.
func init() {
	if _, err := json.Marshal(resolver.State{}); err != nil {
		panic(err)
	}
}

// Test runs f in a bubble. What belongs to t, such as its context, must belong
// to the bubble too, so f is a subtest that begins and ends in it.
func Test(t *testing.T, f func(*testing.T)) {
	t.Helper()
	oneBubble.Lock()
	defer oneBubble.Unlock()
	synctest.Run(func() { t.Run("bubble", f) })
}

// Wait is synctest.Wait.
func Wait() { synctest.Wait() }
