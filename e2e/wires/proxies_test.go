package wires

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// proxied is the host that the proxies route.
const proxied = "square.example"

// proxy is a program that routes by host.
type proxy struct {
	files []string
	start func(t *testing.T, dir string) *exec.Cmd
}

var proxies = map[string]proxy{
	"nginx": {[]string{"nginx.conf"}, func(t *testing.T, dir string) *exec.Cmd {
		t.Helper()
		return exec.Command(proc.Find(t, "nginx", "apt-get install nginx"), "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")
	}},
	"HAProxy": {[]string{"haproxy.cfg"}, func(t *testing.T, dir string) *exec.Cmd {
		t.Helper()
		return exec.Command(proc.Find(t, "haproxy", "apt-get install haproxy"), "-db", "-f", filepath.Join(dir, "haproxy.cfg"))
	}},
	"Caddy": {[]string{"Caddyfile"}, func(t *testing.T, dir string) *exec.Cmd {
		t.Helper()
		cmd := exec.Command(proc.Find(t, "caddy", "apt-get install caddy"), "run", "--adapter", "caddyfile", "--config", filepath.Join(dir, "Caddyfile"))
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
		return cmd
	}},
	"Traefik": {[]string{"traefik.yaml", "routes.yaml"}, func(t *testing.T, dir string) *exec.Cmd {
		t.Helper()
		return exec.Command(proc.Traefik(t), "--configfile="+filepath.Join(dir, "traefik.yaml"))
	}},
}

// startProxy starts a proxy in front of a server, and returns the server as its clients
// see it through the proxy.
func startProxy(t *testing.T, name string, server target, major int) target {
	t.Helper()
	p := proxies[name]
	dir, front, other := t.TempDir(), proc.Addr(t), proc.Addr(t)
	port := func(addr string) string { return addr[strings.LastIndexByte(addr, ':'):] }
	adapt := strings.NewReplacer("/etc/gohost", dir, "127.0.0.1:50051", server.addr,
		"127.0.0.1:8080", front, "127.0.0.1:8082", other, ":8080", port(front))
	for _, file := range p.files {
		text, err := os.ReadFile(filepath.Join("proxies", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(adapt.Replace(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	proc.Start(t, p.start(t, dir), front)
	server.addr, server.host = front, proxied
	if name == "nginx" && major == 2 {
		server.addr = other
	}
	proc.Wait(t, name+" to have its routes", func() bool { return routed(t, server, major) })
	return server
}

// routed reports whether the server can be reached at its host.
func routed(t *testing.T, server target, major int) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.url()+"/nothing", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = proxied
	res, err := server.client(t, major).Do(req)
	if err != nil {
		return false
	}
	res.Body.Close() //nolint:errcheck,gosec // nothing to lose
	return res.Header.Get("Gohost") != ""
}
