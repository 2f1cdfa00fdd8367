// Package needed ends tests that need something that a machine may lack, such
// as another program. Go, git and make are enough to work on gohost, so outside
// CI such a test is skipped. In CI, which installs everything, it fails: a test
// that never runs protects nothing.
package needed

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program on the PATH. If it is not there,
// Program calls Missing.
func Program(tb testing.TB, name, install string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(tb, name, install)
	}
	return path
}

// Missing ends a test that needs what: the test fails in CI (CI=true) and is
// skipped elsewhere, with install as the advice.
func Missing(tb testing.TB, what, install string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("%s is missing: %s", what, install)
	}
	tb.Skipf("%s is missing: %s", what, install)
}
