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
		out, err := exec.Command(filepath.FromSlash("../traefik/build")).Output()
		if err != nil {
			needed.Missing(tb, "Traefik", "see what e2e/traefik/build says")
		}
		program = strings.TrimSpace(string(out))
	} else {
		program = Find(tb, proxy, "apt-get install "+proxy)
	}
	return filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH")
}
