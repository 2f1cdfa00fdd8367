// Package needed ends tests that need what a machine may not have, such as a
// foreign program. Go, git and make are enough to work on gohost: elsewhere than
// in CI such a test is skipped. In CI, which installs everything, it fails: a
// test that is never run protects nothing.
package needed

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program that is on the PATH. If there is none,
// the test ends as by Missing.
func Program(tb testing.TB, name, install string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(tb, name, install)
	}
	return path
}

// Missing ends a test that needs what is not there: it fails in CI (CI=true)
// and is skipped elsewhere, with install as the advice.
func Missing(tb testing.TB, what, install string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("%s is missing: %s", what, install)
	}
	tb.Skipf("%s is missing: %s", what, install)
}
