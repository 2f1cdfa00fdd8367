package proxies

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
)

func TestGeneratedTraefik(t *testing.T) { t.Parallel(); suite(t, generatedTraefik) }
func TestGeneratedNginx(t *testing.T)   { t.Parallel(); suite(t, generatedNginx) }
func TestGeneratedHAProxy(t *testing.T) { t.Parallel(); suite(t, generatedHAProxy) }
func TestGeneratedCaddy(t *testing.T)   { t.Parallel(); suite(t, generatedCaddy) }

// The proxies with the output of protoc-gen-gohost-proxy. The other files are in the
// folder generated: the main configurations of nginx and Traefik, and HAProxy's
// logging.
var (
	generatedTraefik = generated(traefik, "generated.yaml", "traefik.yaml")
	generatedNginx   = generated(nginx, "generated.conf", "nginx.conf")
	generatedHAProxy = generated(haproxy, "haproxy.cfg", "log.cfg")
	generatedCaddy   = generated(caddy, "Caddyfile")
)

func init() {
	generatedNginx.parameters = []string{"nginx_version=1.22"}
	generatedNginx.quick = []change{
		{"client_body_timeout 365d", "client_body_timeout 1s"},
		{"grpc_read_timeout 365d", "grpc_read_timeout 1s"},
	}
	generatedNginx.idle = []change{{"keepalive_requests ", "keepalive_timeout 1s; keepalive_requests "}}
	generatedHAProxy.idle = []change{{"timeout client 24d", "timeout client 1s"}}
	generatedHAProxy.quick = []change{{"timeout server 24d", "timeout server 1s"}}
	generatedHAProxy.command = func(program, dir string) *exec.Cmd {
		return exec.Command(program, "-db", "-f", filepath.Join(dir, "log.cfg"), "-f", filepath.Join(dir, "haproxy.cfg"))
	}
	generatedHAProxy.logged = httplog
	// Caddy needs this to write its log elsewhere.
	generatedCaddy.adapt = []change{{"\tmap {host}", "\tlog {\n\t\toutput file /var/log/gohost/access.log\n\t}\n\tmap {host}"}}
}

// generated returns p with the generated configuration, under the name file, and other
// files.
func generated(p *proxy, file string, others ...string) *proxy {
	g := *p
	g.folder, g.files, g.generated, g.anyHost = "generated/"+p.folder, append([]string{file}, others...), file, nil
	return &g
}

// withTLS returns a generated p with TLS: a generated configuration has TLS for all
// clients, or for none.
func (p *proxy) withTLS() *proxy {
	secure := *p
	secure.secure = true
	if p.routes != nil {
		secure.routes = func(addr string) bool { return hasRoutes("https://" + addr) }
	}
	return &secure
}

// addrs returns the addresses on which w listens.
func (w *world) addrs() []string {
	switch {
	case w.generated == "":
		return []string{w.plain, w.tls}
	case w.secure:
		return []string{w.tls}
	}
	return []string{w.plain}
}

// generate returns the plugin's output for p, with the addresses of the documented
// configurations.
func (p *proxy) generate(t *testing.T) string {
	t.Helper()
	parameters := append(slices.Clone(p.parameters),
		"target="+p.kind,
		"upstream.squarerpc_service.SquareService=127.0.0.1:50051",
		"upstream.squarerpc_service.SquareService=127.0.0.1:50052",
		"upstream.other.Other=127.0.0.1:50053",
		"upstream.feed.RedisStream=127.0.0.1:50054",
		"upstream.feed.RedisStream.dump=127.0.0.1:50055",
		"upstream.feed.RedisStream.len=127.0.0.1:50055",
	)
	listen := "listen=0.0.0.0:8080"
	if p.secure {
		listen = "listen=0.0.0.0:8443"
		parameters = append(parameters, "certificate=/etc/gohost/cert.pem", "key=/etc/gohost/cert.pem")
	}
	if p.kind != traefik.kind {
		parameters = append(parameters, listen)
	}
	return proxyconfig.Generate(t, parameters, "../../testdata", "squares/square.proto", "feed/feed.proto", "other.proto")
}

var httplogLine = regexp.MustCompile(`^(\S+) .* "POST https?://([^/]+)(/\S+) HTTP/2.0"`)

// httplog reads a line in HAProxy's own format.
func httplog(line string) (access, error) {
	m := httplogLine.FindStringSubmatch(line)
	if m == nil {
		return access{}, fmt.Errorf("the line does not have the format of option httplog")
	}
	return access{client: m[1], host: m[2], path: m[3]}, nil
}
