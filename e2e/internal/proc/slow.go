package proc

import (
	"os"
	"testing"
)

// slowEnv is set to run the slow tests as well: make e2e-slow.
const slowEnv = "GOHOST_E2E_SLOW"

// Slow skips a slow test unless GOHOST_E2E_SLOW=1: it builds programs for many minutes,
// or downloads a lot.
func Slow(tb testing.TB) {
	tb.Helper()
	if os.Getenv(slowEnv) != "1" {
		tb.Skipf("slow: %s=1 runs it", slowEnv)
	}
}
