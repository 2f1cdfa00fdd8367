package proc

import (
	"os"
	"path/filepath"
	"testing"
)

// PathWith returns a PATH with the proxy: an installed one, or traefik, which is built
// if necessary.
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

// Traefik returns the path of Traefik, which is built if necessary. The test must be in
// a folder of e2e.
func Traefik(tb testing.TB) string {
	tb.Helper()
	return Built(tb, "../traefik")[0]
}
