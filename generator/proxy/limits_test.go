package proxy_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// A value that has another meaning for one proxy is refused only for that
// proxy.
func TestMeansSomethingElse(t *testing.T) {
	t.Parallel()
	const files = ",certificate=/a.pem,key=/a.pem"
	for _, test := range []struct{ target, parameter, want string }{
		{"nginx", "upstream=unix:50051", `a.proto:1:66: target nginx: service S: its upstream: "unix:50051": nginx reads it as the path of a Unix socket`},
		{"nginx", "upstream=https://UNIX:50051", `"UNIX:50051": nginx reads it as the path of a Unix socket`},
		{"nginx", "upstream=unix.internal:50051", ""},
		{"nginx", "upstream=a:1,host_upstream.a.example=unix:1", `target nginx: parameter host_upstream.a.example: "unix:1"`},
		{"haproxy", "upstream=unix:50051", ""},
		{"caddy", "upstream=unix:50051", ""},
		{"traefik", "upstream=unix:50051", ""},
		{"caddy", "upstream=https://a:80", `a.proto:1:66: target caddy: service S: its upstream: "a:80": Caddy does not use TLS for port 80`},
		{"caddy", "upstream=a:80", ""},
		{"caddy", "upstream=a:443", `"a:443": Caddy always uses TLS for port 443: use another port, or https://`},
		{"caddy", "upstream=https://a:443", ""},
		{"caddy", "upstream=a:1,listen=:443", "target caddy: parameter listen: Caddy always uses TLS at port 443"},
		{"caddy", "upstream=a:1,listen=:443" + files, ""},
		{"caddy", "upstream=a:1,listen=:80" + files, "target caddy: parameter listen: Caddy does not use TLS at port 80"},
		{"caddy", "upstream=a:1,listen=:80", ""},
		{"traefik", "upstream=https://a:1,health_check=1s", "a.proto:1:66: target traefik: service S: its upstream: health_check: Traefik only checks health without TLS"},
		{"traefik", "upstream=https://a:1", ""},
		{"traefik", "upstream=a:1,health_check=1s", ""},
		{"nginx", "upstream=a:1,health_check=1s", "target nginx: parameter health_check: it has no gRPC health checks: these targets have them: traefik, haproxy"},
		{"caddy", "upstream=a:1,health_check=1s", "target caddy: parameter health_check"},
		{"ingress-nginx", "namespace=apps,tls_secret=edge,upstream=a:1;weight=2,upstream=b:1",
			"target ingress-nginx: service S: its upstream: its instances cannot have weights: they can with traefik, nginx, haproxy, caddy, envoy, gateway-api, istio, traefik-crd"},
	} {
		output, failure := withServices(t, "target="+test.target+","+test.parameter, service("S", "a.example"))
		if (failure == "") != (test.want == "") || !strings.Contains(failure, test.want) || (output == "") == (failure == "") {
			t.Errorf("target=%s,%s: error = %q, want %q", test.target, test.parameter, failure, test.want)
		}
	}
}

// nginx warns of more names than its hash has room for, and does not start with a name
// that is too long.
func TestServerNamesHash(t *testing.T) {
	t.Parallel()
	many := func(n int) string { // hosts of 20 characters, half of them aliases
		var b strings.Builder
		for i := range n / 2 {
			b.WriteString(service(fmt.Sprintf("S%d", i), fmt.Sprintf("a%04d.square.example", i), fmt.Sprintf("b%04d.square.example", i)))
		}
		return b.String()
	}
	long := func(n int) string {
		return service("S", strings.Repeat("abcdefghi.", 25)[:n-1]+"x")
	}
	for _, test := range []struct {
		name, services, bucket, size string // "" for nginx's default
	}{
		{"32 names", many(32), "", ""},
		{"34 names", many(34), "512", "512"},
		{"128 names", many(128), "512", "512"},
		{"130 names", many(130), "512", "1024"},
		{"3000 names", many(3000), "512", "16384"},
		{"40 characters", long(40), "", ""},
		{"41 characters", long(41), "512", "512"},
		{"46 characters", long(46), "512", "512"},
		{"47 characters", long(47), "1024", "512"},
		{"250 characters", long(250), "4096", "512"},
	} {
		output, failure := withServices(t, "target=nginx,upstream=a:1", test.services)
		want := "server_names_hash_bucket_size " + test.bucket + "; # for many or long names\nserver_names_hash_max_size " + test.size + ";\n"
		if test.bucket == "" {
			if output == "" || strings.Contains(output, "server_names_hash") {
				t.Errorf("%s: there is a hash: %s", test.name, failure)
			}
		} else if !strings.Contains(output, want) {
			t.Errorf("%s: there is no %q: %s", test.name, want, failure)
		}
	}
}

// Caddy's instances take turns as evenly as their weights allow.
func TestCaddyTurns(t *testing.T) {
	t.Parallel()
	for parameter, want := range map[string]string{
		"upstream=a:1,upstream=b:1":                             " h2c://a:1 h2c://b:1 {",
		"upstream=a:1;weight=7,upstream=b:1;weight=7":           " h2c://a:1 h2c://b:1 {",
		"upstream=a:1;weight=6,upstream=b:1;weight=2":           " h2c://a:1 h2c://a:1 h2c://b:1 h2c://a:1 {",
		"upstream=a:1;weight=2,upstream=b:1,upstream=c:1":       " h2c://a:1 h2c://b:1 h2c://c:1 h2c://a:1 {",
		"upstream=https://a:1;weight=2,upstream=https://b:1":    " https://a:1 https://b:1 https://a:1 {",
		"upstream=a:1;weight=256,host_upstream.a.example=b:1":   " h2c://a:1\n", // a single instance needs no weight
		"upstream=a:1;weight=256,upstream=b:1;weight=256":       " h2c://a:1 h2c://b:1 {",
		"upstream=a:1;weight=2,upstream=b:1;weight=1,listen=:1": " h2c://a:1 h2c://b:1 h2c://a:1 {",
	} {
		output, failure := withServices(t, "target=caddy,"+parameter, service("S", "a.example"))
		if !strings.Contains(output, "reverse_proxy"+want) {
			t.Errorf("%s: there is no %q: %s\n%s", parameter, want, failure, output)
		}
	}
}

// Lengths of HPACK from 127 on need more bytes.
func TestHAProxyHealthRequest(t *testing.T) {
	t.Parallel()
	for host, length := range map[int]string{124: "7e", 125: "7f00", 126: "7f01", 252: "7f7f", 253: "7f8001"} {
		name := strings.Repeat("abcdefghi.", 26)[:host-1] + "x"
		if strings.HasSuffix(name, ".x") {
			name = name[:host-2] + "xx"
		}
		output, failure := withServices(t, "target=haproxy,health_check=1s,upstream="+name+":1", service("S", "a.example"))
		authority := "01" + length + hex.EncodeToString([]byte(name+":1"))
		if !strings.Contains(output, authority) {
			t.Errorf("a host of %d characters: there is no %s: %s\n%s", host, authority, failure, output)
		}
	}
}

// The scheme is that of the upstream.
func TestHAProxyHealthScheme(t *testing.T) {
	t.Parallel()
	for address, fields := range map[string]string{"a:1": "83" + "86", "https://a:1": "83" + "87"} {
		output, failure := withServices(t, "target=haproxy,health_check=1s,upstream="+address, service("S", "a.example"))
		const headers = "0104" + "00000001" // type, flags and stream, behind the length
		if !strings.Contains(output, headers+fields) {
			t.Errorf("%s: there is no %s: %s\n%s", address, fields, failure, output)
		}
	}
}

// No name that we add for HAProxy is one that a service can have.
func TestHAProxyNames(t *testing.T) {
	t.Parallel()
	req, err := plugintest.RequestFromSources("target=haproxy,upstream=a:1,host_template=a.example",
		map[string]string{"a.proto": `syntax = "proto3"; service gohost {}`}, "a.proto")
	if err != nil {
		t.Fatal(err)
	}
	res := proxy.Generate(req, io.Discard)
	output, failure := "", res.GetError()
	for _, file := range res.GetFile() {
		output = file.GetContent()
	}
	seen := make(map[string]bool)
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 2 || line[0] == '\t' || line[0] == '#' {
			continue
		}
		if seen[fields[1]] {
			t.Errorf("%s is there twice:\n%s", fields[1], output)
		}
		seen[fields[1]] = true
	}
	if len(seen) != 3 {
		t.Errorf("the names are %v, want 3 of them: %s", seen, failure)
	}
}
