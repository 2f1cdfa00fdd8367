package proxies

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/internal/needed"
)

func TestTrixie(t *testing.T) { t.Parallel(); testGeneration(t, "trixie") }
func TestSid(t *testing.T)    { t.Parallel(); testGeneration(t, "sid") }

func testGeneration(t *testing.T, debian string) {
	t.Helper()
	proc.Slow(t)
	for _, p := range []*proxy{nginx, generatedNginx, haproxy, generatedHAProxy, caddy, generatedCaddy} {
		of := *p
		of.debian = debian
		if seen, ok := p.later[debian]; ok {
			of.seen = seen
		}
		t.Run(of.folder, func(t *testing.T) {
			t.Parallel()
			suite(t, &of)
			if of.generated != "" {
				t.Run("routes", func(t *testing.T) { testRoutes(t, &of) })
				t.Run("TLS to the backends", func(t *testing.T) { testUpstreamTLS(t, &of) })
			}
		})
	}
}

// program returns the path of the program of p.
func (p *proxy) program(t *testing.T) string {
	t.Helper()
	switch {
	case p.kind == traefik.kind:
		return proc.Traefik(t)
	case p.debian == "":
		return proc.Find(t, p.kind, "apt-get install "+p.kind)
	}
	return filepath.Join(fetched(t, p.debian), "bin", p.kind)
}

var (
	fetchMu sync.Mutex
	folders = make(map[string]string) // by generation: where its programs are
)

// fetched returns the folder of the programs of a generation of Debian, which are
// downloaded where they are not there.
func fetched(t *testing.T, debian string) string {
	t.Helper()
	fetchMu.Lock()
	defer fetchMu.Unlock()
	if folders[debian] == "" {
		fetch := exec.Command(filepath.FromSlash("../debian/fetch"), debian)
		fetch.Stderr = os.Stderr
		out, err := fetch.Output()
		if err != nil {
			needed.Missing(t, "the programs of Debian "+debian, "see what e2e/debian/fetch says")
		}
		folders[debian] = strings.TrimSpace(string(out))
	}
	return folders[debian]
}
