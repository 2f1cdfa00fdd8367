package proxy_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// method returns a method that uses the message M, with a host unless that is
// "".
func method(name, host string) string {
	option := ""
	if host != "" {
		option = fmt.Sprintf("option (gohost.v1.method).host = %q;", host)
	}
	return fmt.Sprintf("rpc %s(M) returns (M) { %s }\n", name, option)
}

// with adds methods to a service that service has returned.
func with(service string, methods ...string) string {
	return strings.TrimSuffix(service, "}\n") + strings.Join(methods, "") + "}\n"
}

const message = "message M {}\n"

// The declared hosts and the parameters decide what a proxy does.
func TestRoutes(t *testing.T) {
	t.Parallel()
	const (
		noHost = "service S { }\n"
		others = "# all other calls: health checks, reflection\n\tlocation / {\n\t\tgrpc_pass grpc://"
		tried  = "\t# By default a server gets only one call in 10 seconds after a failure, until one\n" +
			"\t# has ended well. Streams end late, so the next server is tried instead.\n"
	)
	a := service("S", "a.example")
	for _, test := range []struct {
		name, parameter, body string
		once                  []string // the output has it once
		failure               string   // part of the error
	}{
		// Methods with a host of their own.
		{"upstream of a method with a host", "upstream=x:1,upstream.S.Bulk=y:1", with(noHost, method("Bulk", "bulk.example")) + message,
			[]string{"upstream S.Bulk {\n\tserver y:1;", "server_name bulk.example;", "location = /S/Bulk {\n\t\tgrpc_pass grpc://S.Bulk;", others + "S.Bulk;"}, ""},
		{"upstream of a method is enough", "upstream.S.Bulk=y:1", with(noHost, method("Bulk", "bulk.example"), method("Get", "")) + message,
			[]string{"upstream S.Bulk {", others + "S.Bulk;"}, ""},
		{"upstream of the service of a method with a host", "upstream.S=x:1", with(noHost, method("Bulk", "bulk.example")) + message,
			[]string{"upstream S {", "location = /S/Bulk {\n\t\tgrpc_pass grpc://S;", others + "S;"}, ""},
		{"upstream of a method without a host", "upstream=x:1,upstream.S.Get=y:1", with(noHost, method("Bulk", "bulk.example"), method("Get", "")) + message,
			nil, "parameter upstream.S.Get: no host is declared for it, so it has no route"},
		{"upstream of a service that no method needs", "upstream.S=x:1,upstream.S.Bulk=y:1", with(noHost, method("Bulk", "bulk.example")) + message,
			[]string{"upstream ", "upstream S.Bulk {", others + "S.Bulk;"}, ""},
		{"one of two methods has an upstream", "upstream.S.Bulk=y:1", with(noHost, method("Bulk", "bulk.example"), method("Get", "get.example")) + message,
			nil, "service S has no upstream"},
		{"host_upstream of a method's host", "upstream=x:1,host_upstream.bulk.example=y:1", with(a, method("Bulk", "bulk.example")) + message,
			[]string{"location = /S/Bulk {\n\t\tgrpc_pass grpc://S;", others + "host-bulk.example;"}, ""},
		{"host of its own service", "upstream=x:1,upstream.S.Bulk=y:1", with(a, method("Bulk", "a.example")) + message,
			[]string{"location = /S/Bulk {\n\t\tgrpc_pass grpc://S.Bulk;", "location /S/ {\n\t\tgrpc_pass grpc://S;", others + "S;", "server_name a.example;"}, ""},
		{"alias of its own service", "upstream=x:1,upstream.S.Bulk=y:1", with(service("S", "a.example", "b.example"), method("Bulk", "b.example")) + message,
			[]string{"location = /S/Bulk {", "server_name a.example;", "server_name b.example;"}, ""},
		// Services without a host.
		{"service without a host needs no upstream", "upstream.S=x:1", a + "service T { }\n",
			[]string{"# a.proto:2:1: service T declares no host and has no route\n", "upstream S {"}, ""},
		{"upstream of a method is not a host", "upstream=x:1,upstream.T.Get=y:1", a + with("service T { }\n", method("Get", "")) + message,
			nil, "parameter upstream.T.Get: no host is declared for it, so it has no route"},
		{"upstream of a method makes no route for its service", "upstream=x:1,upstream.T=y:1,upstream.T.Get=y:1", a + with("service T { }\n", method("Get", "")) + message,
			nil, "parameter upstream.T: no host is declared for it, so it has no route"},
		{"upstream of a service without a host", "upstream=x:1,upstream.T=y:1", a + "service T { }\n",
			nil, "parameter upstream.T: no host is declared for it, so it has no route"},
		{"no host at all", "upstream=x:1", "service T { }\n", nil, "no service declares a host, so there is nothing to route"},
		// Instances and TLS.
		{"several instances of a host", "upstream=x:1,host_upstream.a.example=y:1,host_upstream.a.example=y:2", a,
			[]string{"upstream host-a.example {\n" + tried + "\tserver y:1 max_fails=0;\n\tserver y:2 max_fails=0;\n"}, ""},
		{"host_upstream of a wildcard", "upstream=x:1,host_upstream.*.a.example=y:1", service("S", "a.example", "*.a.example"),
			[]string{"server_name a.example;", "server_name *.a.example;", "upstream host-_.a.example {", others + "S;", others + "host-_.a.example;"}, ""},
		{"CA of a host", "upstream=x:1,host_upstream.a.example=https://y:1,upstream_ca=/ca.pem", a,
			[]string{"grpc_ssl_trusted_certificate /ca.pem;"}, ""},
		{"TLS and none to one address", "upstream.S=https://x:1,upstream.T=http://x:1", a + service("T", "b.example"),
			[]string{"upstream S {\n\tserver x:1;", "upstream T {\n\tserver x:1;", "location /S/ {\n\t\tgrpc_pass grpcs://S;", "location /T/ {\n\t\tgrpc_pass grpc://T;"}, ""},
		{"name with upper case", "upstream=https://Backend:1", a, []string{"server Backend:1;"}, ""},
		{"two schemes", "upstream=https://http://x:1", a, nil, `invalid host "http://x"`},
		{"IPv6 without a port", "upstream=[::1]", a, nil, `upstream "[::1]": it has no port: write HOST:PORT`},
		{"instances in an error", "upstream.S=https://x:1,upstream.S=https://x:2,upstream.T=y:1,upstream.T=y:2", a + service("T", "a.example"),
			nil, `both have the host "a.example", but different upstreams (y:1 and y:2, https://x:1 and https://x:2)`},
		// Names. The sorted order has the upper case first.
		{"names in upper case", "upstream.FOO=x:1,upstream.Foo=y:1", service("FOO", "a.example") + service("Foo", "b.example"),
			[]string{"upstream FOO {", "upstream Foo-2 {"}, ""},
		// Where a proxy listens.
		{"everywhere", "upstream=x:1", a, []string{"listen 8080;", "listen 8080 default_server "}, ""},
		{"everywhere with TLS", "upstream=x:1,certificate=/a.pem,key=/b.pem", a, []string{"listen 8443 ssl;", "listen 8443 ssl default_server "}, ""},
		{"another port", "upstream=x:1,listen=:81", a, []string{"listen 81;", "listen 81 default_server "}, ""},
		{"another port with TLS", "upstream=x:1,listen=:81,certificate=/a.pem,key=/b.pem", a, []string{"listen 81 ssl;", "listen 81 ssl default_server "}, ""},
		{"IPv6", "upstream=x:1,listen=[0:0::1]:81", a, []string{"listen [::1]:81;", "listen [::1]:81 default_server "}, ""},
		{"an old nginx", "upstream=x:1,nginx_version=1.22", a, []string{"listen 8080 http2;", "listen 8080 http2 default_server "}, ""},
		{"an old nginx with TLS", "upstream=x:1,nginx_version=1.22,certificate=/a.pem,key=/b.pem", a, []string{"listen 8443 ssl http2;", "listen 8443 ssl http2 default_server "}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			output, failure := withServices(t, "target=nginx,"+test.parameter, test.body)
			if (failure == "") != (test.failure == "") || !strings.Contains(failure, test.failure) {
				t.Fatalf("error = %q, want %q", failure, test.failure)
			}
			for _, want := range test.once {
				if n := strings.Count(output, want); n != 1 {
					t.Errorf("%q is there %d times, want once:\n%s", want, n, output)
				}
			}
		})
	}
}

// Each route has the scheme of its own upstream.
func TestCaddySchemes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ service, others, want string }{
		{"https://x:1", "y:1", "path_regexp ^/S/\n\t\thandle @route0 {\n\t\t\treverse_proxy https://x:1\n"},
		{"https://x:1", "y:1", "handle {\n\t\t\treverse_proxy h2c://y:1\n"},
		{"x:1", "https://y:1", "path_regexp ^/S/\n\t\thandle @route0 {\n\t\t\treverse_proxy h2c://x:1\n"},
		{"x:1", "https://y:1", "handle {\n\t\t\treverse_proxy https://y:1\n"},
	} {
		output, failure := withServices(t, "target=caddy,upstream="+test.service+",host_upstream.a.example="+test.others, service("S", "a.example"))
		if !strings.Contains(output, test.want) {
			t.Errorf("upstream=%s, host_upstream=%s: there is no %q: %s\n%s", test.service, test.others, test.want, failure, output)
		}
	}
}

// A file without services is ignored, and a missing file is an error.
func TestFiles(t *testing.T) {
	t.Parallel()
	req, err := plugintest.RequestFromSources("target=nginx,upstream=x:1", map[string]string{"a.proto": `syntax = "proto3";` + message}, "a.proto")
	if err != nil {
		t.Fatal(err)
	}
	if res := proxy.Generate(req, io.Discard); res.Error != nil || len(res.GetFile()) != 0 {
		t.Errorf("without services: error = %q and %d files, want neither", res.GetError(), len(res.GetFile()))
	}
	req.FileToGenerate = append(req.FileToGenerate, "b.proto")
	if res := proxy.Generate(req, io.Discard); res.GetError() != "the request has no file b.proto" {
		t.Errorf("with a file that is missing: error = %q", res.GetError())
	}
}
