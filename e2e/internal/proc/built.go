package proc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gohostrpc/gohost/internal/needed"
)

var (
	buildMu sync.Mutex
	built   = make(map[string][]string) // by folder: what its build printed
)

// Built returns the paths of the programs that dir/build builds and prints, one per
// line. dir is a folder of a module that has programs as tools. Its path is relative to
// the folder of the test.
func Built(tb testing.TB, dir string) []string {
	tb.Helper()
	buildMu.Lock()
	defer buildMu.Unlock()
	if built[dir] == nil {
		build := exec.Command(filepath.FromSlash("./" + dir + "/build"))
		build.Stderr = os.Stderr
		out, err := build.Output()
		if err != nil {
			needed.Missing(tb, "what is built in "+dir, "see what its build says")
		}
		built[dir] = strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	return built[dir]
}
