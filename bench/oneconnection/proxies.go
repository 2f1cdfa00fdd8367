package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// proxy is a program that routes by host.
type proxy struct {
	name  string
	start func(dir string, ports []string) (*running, error)
}

var proxies = []proxy{{"nginx", startNginx}, {"traefik", startTraefik}}

// running is a proxy that has been started.
type running struct {
	address string
	memory  func() (bytes int64, err error) // in use
	stop    func()
}

// startNginx starts nginx in dir with a virtual host for each backend.
func startNginx(dir string, ports []string) (*running, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	var servers strings.Builder
	for i, port := range ports {
		fmt.Fprintf(&servers, "server { listen %s http2; server_name %s; location / { grpc_pass grpc://127.0.0.1:%s; } }\n", address, host(i), port)
	}
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, []byte(`
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
	access_log off;
	server_names_hash_max_size 8192;
	server_names_hash_bucket_size 128;
	keepalive_timeout 1h;
	keepalive_requests 1000000;
	http2_max_concurrent_streams 1024;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
`+servers.String()+"}\n"), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command("nginx", "-p", dir, "-e", "stderr", "-c", config)
	r, err := run(cmd, address)
	if err != nil {
		return nil, fmt.Errorf("%w (on Debian: apt-get install nginx-light)", err)
	}
	// The worker starts a little after the address is open.
	r.memory = func() (int64, error) {
		for range 1000 {
			if pids, err := family(cmd.Process.Pid); err != nil || len(pids) > 1 {
				return resident(pids)
			}
			time.Sleep(10 * time.Millisecond)
		}
		return 0, errors.New("nginx has no worker")
	}
	return r, nil
}

// startTraefik starts Traefik in dir with a router for each backend.
func startTraefik(dir string, ports []string) (*running, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	debug, err := freeAddress()
	if err != nil {
		return nil, err
	}
	var routers, services strings.Builder
	for i, port := range ports {
		fmt.Fprintf(&routers, "    r%d: {rule: Host(`%s`), entryPoints: [clients], service: s%[1]d}\n", i, host(i))
		fmt.Fprintf(&services, "    s%d: {loadBalancer: {servers: [{url: \"h2c://127.0.0.1:%s\"}]}}\n", i, port)
	}
	routes, config := filepath.Join(dir, "routes.yaml"), filepath.Join(dir, "traefik.yaml")
	if err := os.WriteFile(routes, []byte("http:\n  routers:\n"+routers.String()+"  services:\n"+services.String()), 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(config, []byte(`
entryPoints:
  clients: {address: "`+address+`", http2: {maxConcurrentStreams: 1024}, transport: {respondingTimeouts: {idleTimeout: 1h}}}
  traefik: {address: "`+debug+`"}
api: {insecure: true, debug: true}
providers: {file: {filename: "`+routes+`"}}
global: {checkNewVersion: false}
log: {level: ERROR}
`), 0o644); err != nil {
		return nil, err
	}
	r, err := run(exec.Command("../e2e/traefik/bin/traefik", "--configfile="+config), address)
	if err != nil {
		return nil, fmt.Errorf("%w (e2e/traefik/build builds it)", err)
	}
	r.memory = func() (int64, error) { return inUse("http://" + debug) }
	if err := waitForRoute(address, host(len(ports)-1)); err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

// waitForRoute waits until the proxy at address has a route for host.
func waitForRoute(address, host string) error {
	req, err := http.NewRequest(http.MethodGet, "http://"+address, nil)
	if err != nil {
		return err
	}
	req.Host = host
	for range 1000 {
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		if err := res.Body.Close(); err != nil {
			return err
		}
		if res.StatusCode != http.StatusNotFound {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("the proxy has no route for %s", host)
}

// run starts a proxy and waits until it listens at address.
func run(cmd *exec.Cmd, address string) (*running, error) {
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop := func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	for range 1000 {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return &running{address: address, stop: stop}, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("%s does not listen", cmd.Path)
}

func freeAddress() (string, error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return lis.Addr().String(), lis.Close()
}

// inUse returns the memory that a Go program uses, on the heap and for stacks, as
// package expvar reports it at url.
func inUse(url string) (int64, error) {
	get := func(path string) ([]byte, error) {
		res, err := http.Get(url + path)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close() //nolint:errcheck // read only
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", url+path, res.Status)
		}
		return io.ReadAll(res.Body)
	}
	for range 2 { // the second collection frees what the first has finalized
		if _, err := get("/debug/pprof/heap?gc=1"); err != nil {
			return 0, err
		}
	}
	text, err := get("/debug/vars")
	if err != nil {
		return 0, err
	}
	var vars struct {
		MemStats struct{ HeapAlloc, StackInuse int64 }
	}
	if err := json.Unmarshal(text, &vars); err != nil {
		return 0, err
	}
	return vars.MemStats.HeapAlloc + vars.MemStats.StackInuse, nil
}
