package survive

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
)

// proxy is a proxy in front of the feed servers. Its configuration is the output of
// protoc-gen-gohost-proxy for three instances of the service, within the main
// configuration from docs/proxies.md.
type proxy struct {
	*proc.Process
	addr, dir string
	limit     int // streams per connection, if fewer than docs/proxies.md recommends
	disturb   []disturbance
}

// disturbance is something that subscribers must not notice.
type disturbance struct {
	name string
	do   func(t *testing.T)
}

// startTraefik starts Traefik, which later gets other routes. It is also restarted, as
// it must be when its main configuration changes.
func startTraefik(t *testing.T, upstreams []string) *proxy {
	t.Helper()
	program := proc.Traefik(t)
	p := &proxy{addr: proc.Addr(t), dir: t.TempDir()}
	config := p.surroundings(t, "traefik/traefik.yaml", "0.0.0.0:8443", proc.Addr(t),
		"respondingTimeouts:", "lifeCycle: {graceTimeOut: 1s} # after 10 s of it, no client would come back soon\n      respondingTimeouts:")
	routes := filepath.Join(p.dir, "generated.yaml")
	write(t, routes, generate(t, "traefik", upstreams))
	start := func() { // uses the outer t, because Traefik outlives the case
		p.Process = proc.Start(t, exec.Command(program, "--configFile="+config), p.addr)
		proc.Wait(t, "Traefik to have its routes", func() bool { return p.routes("events.example") })
	}
	p.disturb = []disturbance{
		{"the proxy reloads", func(t *testing.T) {
			t.Helper()
			text := generate(t, "traefik", upstreams)
			// Traefik would read an incomplete file while it is written, and answer
			// 404.
			write(t, routes+".new", strings.ReplaceAll(text, "Host(`events.example`)", "(Host(`events.example`) || Host(`other.example`))"))
			if err := os.Rename(routes+".new", routes); err != nil {
				t.Fatal(err)
			}
			proc.Wait(t, "Traefik to have other routes", func() bool { return p.routes("other.example") })
		}},
		{"the proxy restarts", func(t *testing.T) {
			t.Helper()
			p.Stop(t)
			start()
		}},
	}
	start()
	return p
}

// routes reports whether the proxy has a route for a host.
func (p *proxy) routes(host string) bool {
	req, err := http.NewRequest(http.MethodGet, "http://"+p.addr, nil)
	if err != nil {
		return false
	}
	req.Host = host
	res, err := web.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close() //nolint:errcheck // nothing to lose
	return res.StatusCode != http.StatusNotFound
}

// startNginx starts nginx. When it reloads, new workers take new connections. The old
// workers end with their connections, or when they are told to.
func startNginx(t *testing.T, upstreams []string) *proxy {
	t.Helper()
	return startNginxWith(t, upstreams, 0)
}

// startNarrowNginx starts nginx with a tenth of the streams per connection that
// docs/proxies.md recommends.
func startNarrowNginx(t *testing.T, upstreams []string) *proxy {
	t.Helper()
	return startNginxWith(t, upstreams, 100)
}

func startNginxWith(t *testing.T, upstreams []string, limit int) *proxy {
	t.Helper()
	program := proc.Find(t, "nginx", "apt-get install nginx")
	p := &proxy{addr: proc.Addr(t), dir: t.TempDir(), limit: limit}
	routes := generate(t, "nginx", upstreams, "listen="+p.addr)
	if limit > 0 {
		routes = change(t, routes, "http2_max_concurrent_streams 1000;", fmt.Sprintf("http2_max_concurrent_streams %d;", limit))
	}
	write(t, filepath.Join(p.dir, "generated.conf"), routes)
	config := p.surroundings(t, "nginx/nginx.conf",
		"events {", "worker_rlimit_nofile 8192;\nworker_shutdown_timeout 2s;\nevents {",
		"http {", `http { # not where only root may write
    client_body_temp_path `+p.dir+`/body;
    proxy_temp_path `+p.dir+`/proxy;
    fastcgi_temp_path `+p.dir+`/fastcgi;
    uwsgi_temp_path `+p.dir+`/uwsgi;
    scgi_temp_path `+p.dir+`/scgi;`)
	p.Process = proc.Start(t, exec.Command(program, "-p", p.dir, "-c", config, "-e", "stderr",
		"-g", "daemon off; pid "+filepath.Join(p.dir, "pid")+"; error_log stderr crit;"), p.addr)
	p.disturb = []disturbance{{"the proxy reloads three times", func(t *testing.T) {
		t.Helper()
		for range 3 {
			old := p.Children(t)
			p.Signal(t, syscall.SIGHUP)
			proc.Wait(t, "the old workers to end", func() bool {
				return !slices.ContainsFunc(p.Children(t), func(pid int) bool { return slices.Contains(old, pid) })
			})
		}
	}}}
	return p
}

// surroundings writes the main configuration from docs/proxies.md, with changes, and
// returns its path.
func (p *proxy) surroundings(t *testing.T, file string, changes ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "proxies", "generated", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	config := string(text)
	changes = append(changes, "/etc/gohost", p.dir, "/var/log/gohost", p.dir)
	if strings.Contains(config, "0.0.0.0:8080") {
		changes = append(changes, "0.0.0.0:8080", p.addr)
	}
	config = change(t, config, changes...)
	path := filepath.Join(p.dir, filepath.Base(file))
	write(t, path, config)
	return path
}

// change returns a configuration with changes: pairs of an old text and its
// replacement.
func change(t *testing.T, config string, changes ...string) string {
	t.Helper()
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(config, changes[i]) {
			t.Fatalf("%q is not in\n%s", changes[i], config)
		}
		config = strings.ReplaceAll(config, changes[i], changes[i+1])
	}
	return config
}

// generate returns the output of protoc-gen-gohost-proxy for the service.
func generate(t *testing.T, target string, upstreams []string, parameters ...string) string {
	t.Helper()
	parameters = append(parameters, "target="+target)
	if target == "nginx" {
		parameters = append(parameters, "nginx_version=1.22") // of Debian 12
	}
	for _, addr := range upstreams {
		parameters = append(parameters, "upstream="+addr)
	}
	return proxyconfig.Generate(t, parameters, "../../examples/feed/feedpb", "events.proto")
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
