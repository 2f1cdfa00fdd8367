package proxies

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"google.golang.org/grpc/codes"
)

// proxy is a program that routes by host.
type proxy struct {
	kind    string   // the program, and the target of protoc-gen-gohost-proxy
	debian  string   // the generation of Debian; "" for the system's
	folder  string   // of files
	files   []string // its configuration
	anyHost []string // the same, passing every host on to one backend
	command func(program, dir string) *exec.Cmd
	logged  func(line string) (access, error)
	adapt   []change               // undocumented changes that tests need
	quick   []change               // a silent call ends after a second
	narrow  []change               // a connection may have 10 open calls
	idle    []change               // a connection without calls is closed after a second
	routes  func(addr string) bool // whether it has read its routes, if it listens earlier
	stdout  bool                   // its access log is its standard output
	seen    expectations
	later   map[string]expectations // in other generations of Debian, if different

	generated  string   // which of files is generated; "" if all are written by hand
	parameters []string // of the plugin, in addition to the target and the test's
	secure     bool     // generated with TLS
}

// answers reports whether p has generated answers with a gRPC status.
func (p *proxy) answers() bool { return p.generated != "" && p.kind != traefik.kind }

// access is a call in the access log.
type access struct{ client, host, path string }

// dying is the code of a call whose backend dies, before and after its response has
// begun.
type dying struct {
	before []codes.Code // which one depends on a race
	after  codes.Code
}

func only(code codes.Code) []codes.Code { return []codes.Code{code} }

// expectations are how a proxy behaves differently.
type expectations struct {
	dies    dying  // the codes of a call whose backend dies
	cut     silent // the codes of a call that is silent for longer than the limit
	noPort  bool   // the default port of a host is left out
	repeats bool   // a call is sent again when its backend dies before it has answered
	late    bool   // calls may fail until it notices that an instance is dead
	noOther bool   // it does not notice without health checks
	delays  bool   // the end of a call may wait for the next frame on the connection
	streams int    // how many open calls a connection may have, if this cannot be set
}

var nginx = &proxy{
	kind:    "nginx",
	folder:  "nginx",
	files:   []string{"nginx.conf"},
	anyHost: []string{"anyhost.conf"},
	adapt: []change{{"http {", `http { # not where only root may write
    client_body_temp_path /etc/gohost/body;
    proxy_temp_path /etc/gohost/proxy;
    fastcgi_temp_path /etc/gohost/fastcgi;
    uwsgi_temp_path /etc/gohost/uwsgi;
    scgi_temp_path /etc/gohost/scgi;`}},
	quick: []change{
		{"client_body_timeout 1h", "client_body_timeout 1s"},
		{"grpc_read_timeout 1h", "grpc_read_timeout 1s"},
	},
	idle:   []change{{"keepalive_time ", "keepalive_timeout 1s; keepalive_time "}},
	narrow: []change{{"http2_max_concurrent_streams 1000;", "http2_max_concurrent_streams 10;"}},
	command: func(program, dir string) *exec.Cmd {
		return exec.Command(program, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr",
			"-g", "daemon off; pid "+filepath.Join(dir, "pid")+"; error_log stderr;")
	},
	logged: func(line string) (access, error) {
		var call access
		var status int
		_, err := fmt.Sscan(line, &call.client, &status, &call.host, &call.path)
		return call, err
	},
	seen: expectations{
		delays: true,
		dies:   dying{only(codes.Unavailable), codes.Internal},
		cut:    silent{backend: codes.Internal, client: codes.Internal, both: codes.Internal},
	},
}

var haproxy = &proxy{
	kind:    "haproxy",
	folder:  "haproxy",
	files:   []string{"haproxy.cfg"},
	anyHost: []string{"anyhost.cfg"},
	quick:   []change{{"timeout server 1h", "timeout server 1s"}},
	idle:    []change{{"timeout client 1h", "timeout client 1s"}},
	narrow:  []change{{"max-concurrent-streams 1000", "max-concurrent-streams 10"}},
	command: func(program, dir string) *exec.Cmd {
		return exec.Command(program, "-db", "-f", filepath.Join(dir, "haproxy.cfg"))
	},
	logged: func(line string) (access, error) {
		var call access
		var status int
		var uri string
		if _, err := fmt.Sscan(line, &call.client, &status, &uri); err != nil {
			return call, err
		}
		u, err := url.Parse(uri)
		if err != nil {
			return call, err
		}
		call.host, call.path = u.Host, u.Path
		return call, nil
	},
	stdout: true,
	seen: expectations{
		dies:    dying{only(codes.Unavailable), codes.Internal},
		repeats: true,
		noPort:  true,
		cut:     silent{backend: codes.Internal, client: codes.Unavailable, both: codes.Internal},
	},
	later: map[string]expectations{
		"trixie": { // 3.0
			dies:    dying{only(codes.Unavailable), codes.Canceled},
			repeats: true,
			noPort:  true,
			cut:     silent{backend: codes.Canceled},
		},
		"sid": { // 3.2
			dies:   dying{only(codes.Unavailable), codes.Canceled},
			noPort: true,
			late:   true,
			cut:    silent{backend: codes.Canceled},
		},
	},
}

var caddy = &proxy{
	kind:    "caddy",
	folder:  "caddy",
	files:   []string{"Caddyfile"},
	anyHost: []string{"anyhost.Caddyfile"},
	adapt:   []change{{"auto_https off", "auto_https off\n\tdefault_bind 127.0.0.1"}},
	idle:    []change{{"servers {", "servers {\n\t\ttimeouts {\n\t\t\tidle 1s\n\t\t}"}},
	quick:   []change{{"servers {", "servers {\n\t\ttimeouts {\n\t\t\tread_body 1s\n\t\t}"}},
	command: func(program, dir string) *exec.Cmd {
		cmd := exec.Command(program, "run", "--adapter", "caddyfile", "--config", filepath.Join(dir, "Caddyfile"))
		cmd.Env = append(os.Environ(), "HOME="+dir) // where it keeps its state
		return cmd
	},
	logged: func(line string) (access, error) {
		var entry struct {
			Request struct {
				IP   string `json:"remote_ip"`
				Port string `json:"remote_port"`
				Host string `json:"host"`
				URI  string `json:"uri"`
			} `json:"request"`
		}
		err := json.Unmarshal([]byte(line), &entry)
		r := entry.Request
		return access{net.JoinHostPort(r.IP, r.Port), r.Host, r.URI}, err
	},
	seen: expectations{
		dies:    dying{only(codes.Unavailable), codes.Internal},
		cut:     silent{client: codes.Unavailable, both: codes.Internal, busy: []codes.Code{codes.Unavailable, codes.Internal}},
		late:    true, // a call on an open connection
		streams: 250,
	},
}

var traefik = &proxy{
	kind:    "traefik",
	folder:  "traefik",
	files:   []string{"traefik.yaml", "routes.yaml"},
	anyHost: []string{"traefik.yaml", "anyhost.yaml"},
	idle:    []change{{"readTimeout: 0s", "idleTimeout: 1s"}},
	quick:   []change{{"readTimeout: 0s", "readTimeout: 1s"}},
	narrow:  []change{{"maxConcurrentStreams: 1000", "maxConcurrentStreams: 10"}},
	command: func(program, dir string) *exec.Cmd {
		return exec.Command(program, "--configFile="+filepath.Join(dir, "traefik.yaml"))
	},
	logged: func(line string) (access, error) {
		var entry struct{ ClientAddr, RequestHost, RequestPath string }
		err := json.Unmarshal([]byte(line), &entry)
		return access{entry.ClientAddr, entry.RequestHost, entry.RequestPath}, err
	},
	routes: func(addr string) bool { return hasRoutes("http://" + addr) },
	seen: expectations{
		dies:    dying{[]codes.Code{codes.Unknown, codes.Unavailable}, codes.Internal},
		noOther: true,
		cut:     silent{client: codes.Unavailable, both: codes.Internal, busy: []codes.Code{codes.Unavailable, codes.Internal}},
	},
}

// hasRoutes reports whether the proxy at url has a route for a host.
func hasRoutes(url string) bool {
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // only for checking the routes
		DisableKeepAlives: true,
	}}
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	req.Host = "square.example"
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close() //nolint:errcheck // nothing to lose
	return res.StatusCode != http.StatusNotFound
}
