package proc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/internal/needed"
)

// PathWith returns a PATH on which the proxy is: one that is installed, or
// traefik, which is built where it is not.
func PathWith(tb testing.TB, proxy string) string {
	tb.Helper()
	var program string
	if proxy == "traefik" {
		program = Traefik(tb)
	} else {
		program = Find(tb, proxy, "apt-get install "+proxy)
	}
	return filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH")
}

// Traefik returns the path of Traefik, which is built where it is not. The test
// is one of a folder of e2e.
func Traefik(tb testing.TB) string {
	tb.Helper()
	build := exec.Command(filepath.FromSlash("../traefik/build"))
	build.Stderr = os.Stderr
	out, err := build.Output()
	if err != nil {
		needed.Missing(tb, "Traefik", "see what e2e/traefik/build says")
	}
	return strings.TrimSpace(string(out))
}
