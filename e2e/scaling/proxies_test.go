package scaling

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// program is a server or proxy with its default settings, except that it must be able
// to handle the tested number of calls over several connections. The number of calls
// per connection is not raised.
type program struct {
	name    string
	limit   int // streams per connection
	streams int // the tested number
	// start starts the program. env is added to the environment of the test.
	start func(tb testing.TB, env ...string) *running
}

// running is a program that has been started.
type running struct {
	*proc.Process
	addr string
}

var (
	server = program{"server", 10, 1_000, func(tb testing.TB, env ...string) *running {
		tb.Helper()
		return startBackend(tb, 10, env...)
	}}
	nginx   = program{"nginx", 128, 2_000, startNginx}
	haproxy = program{"HAProxy", 100, 2_000, startHAProxy}
	traefik = program{"Traefik", 250, 2_000, startTraefik}
	caddy   = program{"Caddy", 250, 2_000, startCaddy}
)

// startProxy starts a proxy in front of a backend. config has its files, with
// placeholders for addresses and folders. command returns the command that starts it
// with the files in a folder.
func startProxy(tb testing.TB, env []string, config map[string]string, command func(dir string) *exec.Cmd) *running {
	tb.Helper()
	dir, addr := tb.TempDir(), proc.Addr(tb)
	fill := strings.NewReplacer("ADDRESS", addr, "PORT", port(addr), "BACKEND", startBackend(tb, 0).addr, "FOLDER", dir)
	for name, text := range config {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fill.Replace(text)), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := command(dir)
	cmd.Env = append(append(os.Environ(), "HOME="+dir), env...) // Caddy keeps its state at home
	p := &running{proc.Start(tb, cmd, addr), addr}
	proc.Wait(tb, cmd.Path+" to have its routes", func() bool { return routes(addr) })
	return p
}

func port(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// routes reports whether the proxy has read its routes: Traefik listens earlier.
func routes(addr string) bool {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get("http://" + addr)
	if err != nil {
		return true // HTTP/2 only
	}
	defer res.Body.Close() //nolint:errcheck // nothing to lose
	return res.StatusCode != http.StatusNotFound
}

func startNginx(tb testing.TB, env ...string) *running {
	tb.Helper()
	path := proc.Find(tb, "nginx", "apt-get install nginx")
	return startProxy(tb, env, map[string]string{"nginx.conf": `
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid FOLDER/pid;
error_log stderr crit;
events { worker_connections 8192; }
http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    upstream backend { server BACKEND; keepalive 1024; }
    server {
        listen ADDRESS http2;
        location / { grpc_pass grpc://backend; }
    }
}
`}, func(dir string) *exec.Cmd {
		return exec.Command(path, "-p", dir, "-e", "stderr", "-c", filepath.Join(dir, "nginx.conf"))
	})
}

func startHAProxy(tb testing.TB, env ...string) *running {
	tb.Helper()
	path := proc.Find(tb, "haproxy", "apt-get install haproxy")
	return startProxy(tb, env, map[string]string{"haproxy.cfg": `
defaults
    mode http
    timeout connect 5s
    timeout client 1m
    timeout server 1m
listen calls
    bind ADDRESS proto h2
    server backend BACKEND proto h2
`}, func(dir string) *exec.Cmd { return exec.Command(path, "-db", "-f", filepath.Join(dir, "haproxy.cfg")) })
}

func startTraefik(tb testing.TB, env ...string) *running {
	tb.Helper()
	path := proc.Traefik(tb)
	return startProxy(tb, env, map[string]string{"traefik.yaml": `
entryPoints: {clients: {address: "ADDRESS"}}
providers: {file: {filename: FOLDER/routes.yaml}}
global: {checkNewVersion: false}
`, "routes.yaml": "" +
		"http:\n" +
		"  routers: {calls: {rule: PathPrefix(`/`), service: backend}}\n" +
		"  services: {backend: {loadBalancer: {servers: [{url: \"h2c://BACKEND\"}]}}}\n",
	}, func(dir string) *exec.Cmd {
		return exec.Command(path, "--configFile="+filepath.Join(dir, "traefik.yaml"))
	})
}

func startCaddy(tb testing.TB, env ...string) *running {
	tb.Helper()
	path := proc.Find(tb, "caddy", "apt-get install caddy")
	return startProxy(tb, env, map[string]string{"Caddyfile": `
{
	admin off
	auto_https off
	default_bind 127.0.0.1
	servers {
		protocols h1 h2 h2c
	}
}
http://:PORT {
	reverse_proxy h2c://BACKEND
}
`}, func(dir string) *exec.Cmd {
		return exec.Command(path, "run", "--adapter", "caddyfile", "--config", filepath.Join(dir, "Caddyfile"))
	})
}
