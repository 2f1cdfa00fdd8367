//go:build !go1.25 && goexperiment.synctest

package synctest

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc/resolver"
)

// oneBubble is held by the bubble that runs. Go 1.24 takes a goroutine that waits
// for a WaitGroup for idle, even if the WaitGroup is that of another bubble: so two
// bubbles that let encoding/json meet a type for the first time, as grpc's channels
// do, were now and then reported as a deadlock.
var oneBubble sync.Mutex

// A test beside the bubbles may have the same WaitGroup: so that type is met here.
func init() {
	if _, err := json.Marshal(resolver.State{}); err != nil {
		panic(err)
	}
}

// Test runs f in a bubble. What belongs to t, its context for instance, must
// belong to the bubble too: so f is a subtest that begins and ends in there.
func Test(t *testing.T, f func(*testing.T)) {
	t.Helper()
	oneBubble.Lock()
	defer oneBubble.Unlock()
	synctest.Run(func() { t.Run("bubble", f) })
}

// Wait is synctest.Wait.
func Wait() { synctest.Wait() }
