package proc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/internal/needed"
)

// Built returns the paths of the programs that dir/build builds, a line each. It
// is a folder of a module that has programs as tools, and its path begins at the
// folder of the test.
func Built(tb testing.TB, dir string) []string {
	tb.Helper()
	build := exec.Command(filepath.FromSlash(dir + "/build"))
	build.Stderr = os.Stderr
	out, err := build.Output()
	if err != nil {
		needed.Missing(tb, "what is built in "+dir, "see what its build says")
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
