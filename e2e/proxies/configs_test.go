package proxies

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	generator "github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/certificate"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

func TestConfigsNginx(t *testing.T)   { t.Parallel(); testConfigs(t, generatedNginx) }
func TestConfigsHAProxy(t *testing.T) { t.Parallel(); testConfigs(t, generatedHAProxy) }
func TestConfigsCaddy(t *testing.T)   { t.Parallel(); testConfigs(t, generatedCaddy) }

func TestLargeTraefik(t *testing.T) { t.Parallel(); testLarge(t, generatedTraefik) }
func TestLargeNginx(t *testing.T)   { t.Parallel(); testLarge(t, generatedNginx) }
func TestLargeHAProxy(t *testing.T) { t.Parallel(); testLarge(t, generatedHAProxy) }
func TestLargeCaddy(t *testing.T)   { t.Parallel(); testLarge(t, generatedCaddy) }

func TestWrittenNginx(t *testing.T)   { t.Parallel(); testWritten(t, nginx) }
func TestWrittenHAProxy(t *testing.T) { t.Parallel(); testWritten(t, haproxy) }
func TestWrittenCaddy(t *testing.T)   { t.Parallel(); testWritten(t, caddy) }

// testConfigs lets p itself check the generated files. It must print nothing: no
// errors, and no warnings about deprecated or too small settings.
func testConfigs(t *testing.T, p *proxy) {
	t.Helper()
	goldens, err := filepath.Glob(filepath.Join(routecases.Dir, "*", "options.txt"))
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, options := range goldens {
		dir := filepath.Dir(options)
		if config := p.golden(t, dir); config != "" {
			t.Run(filepath.Base(dir), func(t *testing.T) { checkSilent(t, p, config) })
		}
	}
	t.Run("1500 services", func(t *testing.T) {
		dir := writeLarge(t, 1500)
		checkSilent(t, p, proxyconfig.Generate(t, append(slices.Clone(p.parameters), "target="+p.kind, "upstream=127.0.0.1:50051"), dir, "large.proto"))
	})
}

// testLarge makes calls to some of many services through p.
func testLarge(t *testing.T, p *proxy) {
	t.Helper()
	const services, own = 1500, 1234
	begin := time.Now()
	parameters := []string{"upstream=" + routecases.Start(t, "common"), fmt.Sprintf("upstream.S%d=%s", own, routecases.Start(t, "own"))}
	conn := dial(t, startRoutes(t, p, parameters, writeLarge(t, services), "large.proto"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	started := time.Since(begin)
	var cases []routecases.Case
	for i := 0; i < services; i += 100 {
		for _, n := range []int{i, own} {
			host, path := fmt.Sprintf("service-%d.inventory.example", n), fmt.Sprintf("/S%d/Get", n)
			backend := map[bool]string{true: "own", false: "common"}[n == own]
			cases = append(cases, routecases.Case{Host: host, Path: path, Backend: backend}, routecases.Case{Host: "a." + host, Path: path, Backend: backend})
		}
	}
	begin = time.Now()
	routecases.Check(t, conn, cases)
	seen(t, fmt.Sprintf("started after %.1f s, %.2f ms per call", started.Seconds(), time.Since(begin).Seconds()*1000/float64(len(cases))))
}

// golden returns the output for p in the golden case dir, with its options and those of
// p, or "" if the case is not for p.
func (p *proxy) golden(t *testing.T, dir string) string {
	t.Helper()
	options, err := os.ReadFile(filepath.Join(dir, "options.txt"))
	if err != nil {
		t.Fatal(err)
	}
	parameters := strings.Split(strings.TrimSpace(string(options)), ",")
	if !slices.Contains(parameters, "target="+p.kind) {
		return ""
	}
	protos, err := filepath.Glob(filepath.Join(dir, "*.proto"))
	if err != nil {
		t.Fatal(err)
	}
	for i, proto := range protos {
		protos[i] = filepath.ToSlash(filepath.Join(filepath.Base(dir), filepath.Base(proto)))
	}
	req, err := plugintest.Request(strings.Join(append(parameters, p.parameters...), ","), []string{routecases.Dir, "../../proto"}, protos...)
	if err != nil {
		t.Fatal(err)
	}
	res := generator.Generate(req, io.Discard)
	for _, file := range res.GetFile() {
		if file.GetName() == map[string]string{"nginx": "nginx.conf", "haproxy": "haproxy.cfg", "caddy": "Caddyfile"}[p.kind] {
			return file.GetContent()
		}
	}
	t.Fatalf("nothing for %s: %s", p.kind, res.GetError())
	return ""
}

// writeLarge writes large.proto, which has many services, each with its own host and
// alias, and returns its folder. The tests of Traefik need one of the hosts.
func writeLarge(t *testing.T, services int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("syntax = \"proto3\";\nimport \"gohost/v1/options.proto\";\n")
	for i := range services {
		fmt.Fprintf(&b, "service S%d { option (gohost.v1.service) = {host: \"service-%d.inventory.example\" aliases: \"*.service-%d.inventory.example\"}; }\n", i, i, i)
	}
	b.WriteString("service Square { option (gohost.v1.service).host = \"square.example\"; }\n")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "large.proto"), b.String())
	return dir
}

var (
	server = regexp.MustCompile(`(\tserver (?:server\d+ )?)[a-z][^ :]*:`) // an instance with its name
	port   = regexp.MustCompile(`(\tlisten )(127\.0\.0\.1:)?[0-9]+`)      // the address on which nginx listens
	// What the programs print without a problem. Caddy also warns of intended settings
	// (no automatic HTTPS), of the certificate here, and from 2.8 on of the only way to
	// name a CA file that 2.6 supports.
	allIsWell = regexp.MustCompile(`(?m)^(Configuration file is valid|Valid configuration|.*"level":"info".*|` +
		`.*"level":"warn".*(automatic HTTPS is completely disabled|no OCSP stapling|certificate expires within|tls_trusted_ca_certs|root_ca_pem_files).*)\n`)
)

// checkSilent lets p check a configuration, in its own folder.
func checkSilent(t *testing.T, p *proxy, config string) {
	t.Helper()
	w := &world{proxy: p, places: places{dir: t.TempDir()}}
	w.configure(t, p.files, nil)
	// Names must resolve, and files must exist.
	config = server.ReplaceAllString(config, "${1}127.0.0.1:")
	config = port.ReplaceAllString(config, "${1}"+proc.Addr(t))
	config = strings.NewReplacer("/etc/gohost", w.dir, "/etc/ssl/certs/ca-certificates.crt", w.dir+"/ca.pem").Replace(config)
	cert, key := certificate.SelfSigned(t, certified...)
	for name, text := range map[string]string{"proxy.pem": cert, "proxy.pem.key": key, "ca.pem": cert, p.generated: config} {
		write(t, filepath.Join(w.dir, name), text)
	}
	w.checkSilent(t)
}

// testWritten does the same with the hand-written configuration.
func testWritten(t *testing.T, p *proxy) {
	t.Helper()
	w := &world{proxy: p, places: places{dir: t.TempDir(), plain: proc.Addr(t), tls: proc.Addr(t)}}
	for _, addr := range []*string{&w.places.square1, &w.places.square2, &w.places.other, &w.places.feed, &w.places.bulk} {
		*addr = proc.Addr(t)
	}
	w.configure(t, p.files, nil)
	writeCertificate(t, w.dir)
	w.checkSilent(t)
}

// checkSilent lets the proxy check the files in its folder.
func (w *world) checkSilent(t *testing.T) {
	t.Helper()
	p := w.proxy
	cmd := p.command(p.program(t), w.dir)
	switch p.kind {
	case nginx.kind:
		cmd.Args = append(cmd.Args, "-t", "-q")
	case haproxy.kind:
		cmd.Args = append(cmd.Args, "-c")
	case caddy.kind:
		cmd.Args[1] = "validate"
	}
	out, err := cmd.CombinedOutput()
	if said := allIsWell.ReplaceAllString(string(out), ""); err != nil || said != "" {
		t.Errorf("%v: %v\n%s", cmd.Args, err, said)
	}
}
