package kubernetes

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

// The configuration that ingress-nginx itself generates from our Ingresses runs in an
// nginx without its Lua. nginx chooses the server and the location of a call, and its
// timeouts. Lua would then choose an endpoint of the location's Service.
func TestIngressNginx(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	g := ingressNginx
	// A wildcard of an Ingress stands for one label.
	g.elsewhere = map[string]bool{
		"a.b.square.example/acme.v1.SquareService/Square":   true,
		"A.b.Square.example:1/acme.v1.SquareService/Square": true,
	}
	w := g.world(t)
	conf := translate(t, strings.Join(w.generated, "\n"))
	for _, want := range []string{
		`client_body_timeout\s+31536000s;`, `http2_max_concurrent_streams\s+1000;`, `keepalive_requests\s+1000000;`, // by the ConfigMap
		`grpc_read_timeout\s+31536000s;`, `grpc_send_timeout\s+31536000s;`, `client_max_body_size\s+0;`, // by annotations
	} {
		if !regexp.MustCompile(want).MatchString(conf) {
			t.Errorf("no %s in the configuration", want)
		}
	}
	g.check(t, startNginx(t, w.addr, withoutLua(t, conf, w)))
}

// ingress-nginx translates the proxy-ssl annotations to nginx's proxy_ssl directives,
// which do not apply to grpc_pass: TLS to a backend would not be verified.
func TestNginxChecksNoGRPCBackendByProxySSL(t *testing.T) {
	t.Parallel()
	cert, key := certificate.SelfSigned(t, "anybody")
	trusted, _ := certificate.SelfSigned(t, "orders")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, []byte(trusted), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := proc.Addr(t)
	conn := startNginx(t, addr, fmt.Sprintf(`server {
listen %s http2;
location / {
proxy_ssl_trusted_certificate %s; proxy_ssl_verify on; proxy_ssl_name orders; proxy_ssl_server_name on;
grpc_pass grpcs://%s;
}
}
`, addr, ca, routecases.Start(t, "anybody", withTLS(t, cert, key))))
	c := routecases.Case{Host: "orders.example", Path: "/acme.orders.v1.Orders/Get"}
	if backend, err := c.Call(t.Context(), conn); err != nil || backend != "anybody" {
		t.Errorf("the call reached %q (%v)", backend, err)
	}
}

// startNginx starts nginx with those servers, and returns a connection to it.
func startNginx(t *testing.T, addr, servers string) *grpc.ClientConn {
	t.Helper()
	var b strings.Builder
	b.WriteString("daemon off; pid pid; error_log stderr; events {}\nhttp {\nserver_names_hash_bucket_size 512; access_log off;\n")
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&b, "%s_temp_path %[1]s;\n", name)
	}
	b.WriteString(servers + "}\n")
	dir := t.TempDir()
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	proc.Start(t, exec.Command(proc.Find(t, "nginx", "apt-get install nginx"), "-p", dir, "-c", path, "-e", "stderr"), addr)
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing to lose
	return conn
}

// translate returns the configuration that ingress-nginx generates from Ingresses.
func translate(t *testing.T, ingresses string) string {
	t.Helper()
	dir := t.TempDir()
	in, conf := filepath.Join(dir, "ingresses.yaml"), filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(in, []byte(ingresses), 0o600); err != nil {
		t.Fatal(err)
	}
	translator := proc.Built(t, "ingressnginx")[0]
	cmd := exec.Command(translator, "-test.run=^TestTranslate$")
	cmd.Env = append(os.Environ(), "GOHOST_INGRESSES="+in, "GOHOST_NGINX_CONF="+conf, "TMPDIR="+dir,
		"GOHOST_TEMPLATE="+filepath.Join(filepath.Dir(translator), "nginx.tmpl"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	serverBlock  = regexp.MustCompile(`(?s)## start server \S+\n(.*?)## end server`)
	serverName   = regexp.MustCompile(`server_name .*;`)
	location     = regexp.MustCompile(`\n\s*(location .*)\{`)
	upstreamName = regexp.MustCompile(`set \$proxy_upstream_name "([^"]*)";`)
	kept         = regexp.MustCompile(`(?:client_max_body_size|grpc_read_timeout|grpc_send_timeout)\s.*;`)
	pass         = regexp.MustCompile(`grpc_pass grpc://upstream_balancer;`)
)

// withoutLua returns the servers and locations of conf, listening on the address of w
// and calling its backends.
func withoutLua(t *testing.T, conf string, w world) string {
	t.Helper()
	addrs := make(map[string]string)
	for _, b := range w.backends {
		addrs[fmt.Sprintf("%s-%s-%d", namespace, b.name, b.port)] = fmt.Sprintf("%s:%d", b.ip, b.port)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "server { listen %s http2 default_server; server_name _; location / { return 404; } }\n", w.addr)
	routed := 0
	for _, block := range serverBlock.FindAllStringSubmatch(conf, -1) {
		if strings.Contains(block[1], "server_name _ ;") {
			continue
		}
		fmt.Fprintf(&b, "server {\nlisten %s http2;\n%s\n", w.addr, serverName.FindString(block[1]))
		starts := location.FindAllStringSubmatchIndex(block[1], -1)
		for i, start := range starts {
			end := len(block[1])
			if i+1 < len(starts) {
				end = starts[i+1][0]
			}
			body := block[1][start[1]:end]
			name := upstreamName.FindStringSubmatch(body)
			if name == nil || addrs[name[1]] == "" || !pass.MatchString(body) {
				t.Fatalf("a location that calls no backend:\n%s", block[1][start[0]:end])
			}
			fmt.Fprintf(&b, "%s {\n%s\ngrpc_pass grpc://%s;\n}\n", block[1][start[2]:start[3]], strings.Join(kept.FindAllString(body, -1), "\n"), addrs[name[1]])
			routed++
		}
		b.WriteString("}\n")
	}
	if routed == 0 {
		t.Fatal("the configuration has no location")
	}
	return b.String()
}
