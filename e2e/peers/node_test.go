package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/python"
)

// TestGrpcJS calls several of our servers with @grpc/grpc-js, over one connection to a
// real proxy that examples/gateway starts.
func TestGrpcJS(t *testing.T) {
	t.Parallel()
	node := proc.Find(t, "node", "apt-get install nodejs npm")
	npm := proc.Find(t, "npm", "apt-get install nodejs npm")
	install := exec.Command(npm, "ci", "--no-audit", "--no-fund")
	install.Dir = "node"
	run(t, install)
	gateway := filepath.Join(t.TempDir(), "gateway")
	build := exec.Command("go", "build", "-o", gateway, "./examples/gateway")
	build.Dir = filepath.FromSlash("../..")
	run(t, build)

	for _, proxy := range []string{"nginx", "traefik"} {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			addr := proc.Addr(t)
			cmd := exec.Command(gateway, "serve", "-addr", addr, "-proxy", proxy)
			cmd.Env = append(os.Environ(), "PATH="+proc.PathWith(t, proxy))
			server := proc.Start(t, cmd, addr)
			proc.Wait(t, "its routes", func() bool { return strings.Contains(server.Output(), "listening on") })

			outcomes := python.RunCases(t, exec.Command(node, filepath.Join("node", "client.js"), addr), nil)
			if len(outcomes) != 11 {
				t.Errorf("%d cases were run, want 11", len(outcomes))
			}
			for name, failure := range outcomes {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					if failure != "" {
						t.Error(failure)
					}
				})
			}
			t.Run("one connection", func(t *testing.T) {
				t.Parallel()
				server.Stop(t)
				const want = "clients have made 2 connections to the proxy, one of them the gateway's"
				if log := server.Output(); !strings.Contains(log, want) {
					t.Errorf("the log of the gateway says\n%s", log)
				}
			})
		})
	}
}
