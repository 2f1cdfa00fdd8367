package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gohostrpc/gohost/examples/gateway/gatewaypb"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// installed is an installed proxy.
type installed struct {
	name      string
	generated string   // its file in the folder deploy
	args      []string // for a folder that has the file in "generated" and the files of start
	clients   *regexp.Regexp
	logs      bool     // its standard output is the access log
	adapt     []string // old and new texts in the file, so that it writes an access log
}

var (
	// deploy has the files that protoc-gen-gohost-proxy has generated (see
	// buf.gen.yaml).
	//go:embed deploy
	deploy embed.FS
	// starts has the main configurations of the proxies.
	//go:embed start
	starts embed.FS
)

// written has the addresses in the files by host; "" is the proxy's.
var written = map[string]string{
	"":                        "127.0.0.1:50050",
	squares.SquareServiceHost: "127.0.0.1:50051",
	feed.RedisStreamHost:      "127.0.0.1:50052",
	greeterHost:               "127.0.0.1:50053",
	gatewaypb.GatewayHost:     "127.0.0.1:50054",
}

// all are the proxies that can be started. clients finds a client's address in the
// access log.
var all = []*installed{
	{name: "traefik", generated: "traefik.yaml", args: []string{"--configFile=start/traefik.yaml"},
		clients: regexp.MustCompile(`"ClientAddr":"([^"]+)"`)},
	{name: "nginx", generated: "nginx.conf", args: []string{"-p", ".", "-e", "stderr", "-c", "start/nginx.conf"},
		clients: regexp.MustCompile(`(?m)^(\S+)`)},
	{name: "haproxy", generated: "haproxy.cfg", args: []string{"-db", "-f", "start/haproxy.cfg", "-f", "generated/haproxy.cfg"},
		clients: regexp.MustCompile(`(?m)^(\S+:\d+) \[`), logs: true},
	{name: "caddy", generated: "Caddyfile", args: []string{"run", "--adapter", "caddyfile", "--config", "generated/Caddyfile"},
		clients: regexp.MustCompile(`"remote_port":"(\d+)"`),
		adapt:   []string{"auto_https off", "auto_https off\n\tadmin off\n\tlog {\n\t\tlevel ERROR\n\t}", "\tmap {host}", "\tlog {\n\t\toutput file access.log\n\t}\n\tmap {host}"}},
}

// process is a proxy in a process of its own.
type process struct {
	*installed
	dir, at string
	cmd     *exec.Cmd
	exited  chan struct{}
}

func (i *installed) start(addr string, routes map[string]string) (proxy, error) {
	program, err := find(i.name)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gateway-")
	if err != nil {
		return nil, err
	}
	p := &process{installed: i, dir: dir, at: addr, cmd: exec.Command(program, i.args...), exited: make(chan struct{})}
	if err := p.run(routes); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", i.name, err), os.RemoveAll(dir))
	}
	return p, nil
}

// find looks for a program on the PATH and in /usr/sbin, where Debian installs some.
func find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath(filepath.Join("/usr/sbin", name))
	}
	if err != nil {
		return "", fmt.Errorf("%s is not installed, or not on the PATH", name)
	}
	return path, nil
}

// run starts the process.
func (p *process) run(routes map[string]string) error {
	if err := p.configure(routes); err != nil {
		return err
	}
	p.cmd.Dir = p.dir
	p.cmd.Env = append(os.Environ(), "HOME="+p.dir) // where Caddy keeps its state
	p.cmd.Stderr = os.Stderr
	if p.logs {
		log, err := os.Create(filepath.Join(p.dir, "access.log"))
		if err != nil {
			return err
		}
		defer log.Close() //nolint:errcheck // the process has its own
		p.cmd.Stdout = log
	}
	inOwnGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		defer close(p.exited)
		p.cmd.Wait() //nolint:errcheck // its output says more
	}()
	return nil
}

// configure writes the generated files and the main configuration, with the addresses
// in use here.
func (p *process) configure(routes map[string]string) error {
	ip, port, err := net.SplitHostPort(p.at)
	if err != nil {
		return err
	}
	replace := append(p.adapt, written[""], p.at, "http://:50050", "http://:"+port, "bind 127.0.0.1\n", "bind "+ip+"\n")
	for host, addr := range routes {
		replace = append(replace, written[host], addr)
	}
	replacer := strings.NewReplacer(replace...)
	if err := copyFile(deploy, "deploy/"+p.generated, filepath.Join(p.dir, "generated", p.generated), replacer); err != nil {
		return err
	}
	return fs.WalkDir(starts, "start", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return copyFile(starts, name, filepath.Join(p.dir, name), replacer)
	})
}

func copyFile(from embed.FS, name, to string, replacer *strings.Replacer) error {
	text, err := from.ReadFile(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, []byte(replacer.Replace(string(text))), 0o600)
}

func (p *process) addr() string           { return p.at }
func (p *process) ended() <-chan struct{} { return p.exited }

func (p *process) stop() (connections int, err error) {
	defer os.RemoveAll(p.dir) //nolint:errcheck // the system cleans its temporary files
	if err := terminate(p.cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	select {
	case <-p.exited:
	case <-time.After(10 * time.Second):
		return 0, errors.Join(fmt.Errorf("%s does not stop", p.name), p.cmd.Process.Kill())
	}
	log, err := os.ReadFile(filepath.Join(p.dir, "access.log"))
	if err != nil {
		return 0, err
	}
	clients := make(map[string]bool)
	for _, match := range p.clients.FindAllSubmatch(log, -1) {
		clients[string(match[1])] = true
	}
	return len(clients), nil
}
