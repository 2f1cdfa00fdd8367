// Package await waits for an end, and not for longer than a given time.
package await

import "time"

// Within tells whether done is closed before d is over, and returns as soon as it
// knows. If both are so already, it may say either.
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
