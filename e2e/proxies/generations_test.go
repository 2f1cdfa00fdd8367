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
		of := p.of(debian)
		t.Run(of.folder, func(t *testing.T) {
			t.Parallel()
			t.Run("version", func(t *testing.T) { seen(t, of.version(t)) })
			suite(t, of)
			if of.generated == "" {
				t.Run("configurations", func(t *testing.T) { testWritten(t, of) })
				return
			}
			t.Run("configurations", func(t *testing.T) { testConfigs(t, of) })
			t.Run("many services", func(t *testing.T) { testLarge(t, of) })
			t.Run("names", func(t *testing.T) { testNames(t, of) })
			t.Run("routes", func(t *testing.T) { testRoutes(t, of) })
			t.Run("TLS to the backends", func(t *testing.T) { testUpstreamTLS(t, of) })
			t.Run("dead instances", func(t *testing.T) { testDead(t, of) })
			t.Run("weights", func(t *testing.T) { testWeights(t, of) })
			if of.kind == haproxy.kind {
				t.Run("health", func(t *testing.T) { testHealth(t, of) })
			}
		})
	}
}

// of returns p from another generation of Debian.
func (p *proxy) of(debian string) *proxy {
	of := *p
	of.debian = debian
	if seen, ok := p.later[debian]; ok {
		of.seen = seen
	}
	if p.kind == nginx.kind {
		of.parameters = nil // the default output
		// These versions warn about the parameter of listen.
		of.adapt = append([]change{
			{":8080 http2;", ":8080; http2 on;"},
			{":8443 http2;", ":8443; http2 on;"},
			{":8443 ssl http2;", ":8443 ssl;"},
		}, p.adapt...)
	}
	return &of
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

// version returns the version that the program prints.
func (p *proxy) version(t *testing.T) string {
	t.Helper()
	flag := "-v"
	if p.kind == caddy.kind {
		flag = "version"
	}
	out, err := exec.Command(p.program(t), flag).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

var (
	fetchMu sync.Mutex
	folders = make(map[string]string) // by generation: the folder of its programs
)

// fetched returns the folder of the programs of a generation of Debian, which are
// downloaded if necessary.
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
