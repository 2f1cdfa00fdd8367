// Package await waits for an end for a limited time.
package await

import "time"

// Within reports whether done is closed before d has passed. It returns as soon
// as either happens. If both already have, it may return either value.
func Within(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
