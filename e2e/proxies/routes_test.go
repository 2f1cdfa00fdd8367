package proxies

import (
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

func TestRoutesTraefik(t *testing.T) { t.Parallel(); testRoutes(t, generatedTraefik) }
func TestRoutesNginx(t *testing.T)   { t.Parallel(); testRoutes(t, generatedNginx) }
func TestRoutesHAProxy(t *testing.T) { t.Parallel(); testRoutes(t, generatedHAProxy) }
func TestRoutesCaddy(t *testing.T)   { t.Parallel(); testRoutes(t, generatedCaddy) }

func testRoutes(t *testing.T, p *proxy) {
	t.Helper()
	parameters := routecases.Parameters(routecases.StartAll(t))
	conn := dial(t, startRoutes(t, p, parameters, routecases.Dir, routecases.Files...), grpc.WithTransportCredentials(insecure.NewCredentials()))
	routecases.Check(t, conn, routecases.All)
}

// startRoutes starts p with the configuration that is generated for files, with
// parameters in addition to the target, and returns its address.
func startRoutes(t *testing.T, p *proxy, parameters []string, dir string, files ...string) string {
	t.Helper()
	w := &world{proxy: p, places: places{dir: t.TempDir(), plain: proc.Addr(t), tls: proc.Addr(t)}}
	cmd := p.command(p.program(t), w.dir)
	parameters = append(append(parameters, "target="+p.kind), p.parameters...)
	if p.kind != traefik.kind {
		parameters = append(parameters, "listen="+w.plain)
	}
	w.configure(t, p.files, nil)
	write(t, filepath.Join(w.dir, p.generated), proxyconfig.Generate(t, parameters, dir, files...))
	w.Process = proc.Start(t, cmd, w.plain)
	if p.routes != nil {
		proc.Wait(t, p.kind+" to have its routes", func() bool { return p.routes(w.plain) })
	}
	return w.plain
}
