package proxy_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// withServices generates a file with body after its header, which imports our options.
func withServices(t *testing.T, parameter, body string) (output, failure string) {
	t.Helper()
	options, err := os.ReadFile("../../proto/gohost/v1/options.proto")
	if err != nil {
		t.Fatal(err)
	}
	req, err := plugintest.RequestFromSources(parameter, map[string]string{
		"gohost/v1/options.proto": string(options),
		"a.proto":                 `syntax = "proto3"; import "gohost/v1/options.proto"; ` + body,
	}, "a.proto")
	if err != nil {
		t.Fatal(err)
	}
	res := proxy.Generate(req, io.Discard)
	if res.Error != nil {
		return "", res.GetError()
	}
	return res.GetFile()[0].GetContent(), ""
}

// service returns a service with a host and aliases.
func service(name, host string, aliases ...string) string {
	quoted := ""
	for _, a := range aliases {
		quoted += fmt.Sprintf("aliases: %q ", a)
	}
	return fmt.Sprintf("service %s { option (gohost.v1.service) = {host: %q %s}; }\n", name, host, quoted)
}

// Proxies treat names that differ only in case as equal, and some of them
// refuse duplicates.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		parameter, body string
		once            []string
	}{
		{"target=nginx,upstream=x:1,upstream.foo=y:1", service("Foo", "a.example") + service("foo", "b.example"),
			[]string{"upstream Foo {", "upstream foo-2 {"}},
		{"target=haproxy,upstream=x:1,upstream.foo=y:1,host_upstream.shared.example=z:1",
			service("Foo", "a.example", "shared.example") + service("foo", "b.example", "shared.example"),
			[]string{"str(Foo) if", "str(Foo-2) if", "str(foo-3) if"}},
		{"target=nginx,upstream=x:1", service("Foo", "a.example", "a.example", "*.a.example", "*.a.example"),
			[]string{"server_name a.example *.a.example;", "location /Foo/ {"}},
	} {
		output, failure := withServices(t, test.parameter, test.body)
		for _, want := range test.once {
			if strings.Count(output, want) != 1 {
				t.Errorf("%q is not there once: %s\n%s", want, failure, output)
			}
		}
	}
}

// Each limit is tested with the greatest allowed value and with one more.
func TestGatewayAPILimits(t *testing.T) {
	t.Parallel()
	instances := func(n int) (parameter string) {
		for i := range n {
			parameter += fmt.Sprintf(",upstream=a%d:1", i)
		}
		return parameter
	}
	hosts := func(n int) string { // the host, and aliases
		aliases := make([]string, n-1)
		for i := range aliases {
			aliases[i] = fmt.Sprintf("a%d.example", i)
		}
		return service("S", "a.example", aliases...)
	}
	shared := func(n int) (services string) {
		for i := range n {
			services += service(fmt.Sprintf("S%d", i), "a.example")
		}
		return services
	}
	name := func(n int) string { // a package, so that the name of a service S has n characters
		return "package " + strings.Repeat("abcdefghijklmnopqrstuvwxyz.", 10)[:n-3] + "x; "
	}
	label := strings.Repeat("a", 63)
	for _, test := range []struct{ parameter, body, want string }{
		{instances(16), service("S", "a.example"), ""},
		{instances(17), service("S", "a.example"), "service S: its upstream: it has 17 instances, and a GRPCRoute takes 16"},
		{",upstream=a:1", hosts(16), ""},
		{",upstream=a:1", hosts(17), "service S: it has 17 hosts, and a GRPCRoute takes 16"},
		{",upstream=a:1", shared(15), ""}, // and the other calls
		{",upstream=a:1", shared(16), `a.proto:1:67: target gateway-api: service S0: the calls of host "a.example" have 17 routes, and a GRPCRoute takes 16`},
		{",upstream=a:1", name(253) + service("S", "a.example"), ""},
		{",upstream=a:1", name(254) + service("S", "a.example"), "that is not a name in Kubernetes"},
		{",upstream=a:1", "package _a; " + service("S", "a.example"), `its GRPCRoute cannot be called "-a.s": that is not a name in Kubernetes`},
		{",upstream=a:1,upstream.T=b:1,host_upstream.shared.example=c:1",
			service("S", "a.example", "shared.example") + service("T", "b.example", "shared.example") + service("S_2", "c.example"),
			`service S_2: its GRPCRoute would be called "s-2", like that of S-2`},
		// Services of Kubernetes.
		{",upstream=" + label + "." + label + ":1", service("S", "a.example"), ""},
		{",upstream=a" + label + ":1", service("S", "a.example"), "has 64 characters, more than 63"},
		{",upstream=a.1b.svc:1", service("S", "a.example"), ""},
		{",upstream=a.b.svc.cluster.local:1", service("S", "a.example"), ""},
		{",upstream=1a.b:1", service("S", "a.example"), `"1a.b:1" is not a Service`},
		{",upstream=a.b.c:1", service("S", "a.example"), `"a.b.c:1" is not a Service of Kubernetes: write NAME:PORT or NAME.NAMESPACE:PORT`},
		{",upstream=a.b.svc.cluster.local.c:1", service("S", "a.example"), "is not a Service"},
		// One Service has one certificate.
		{",upstream=https://a:1,upstream.T=https://a.c:2", service("S", "a.example") + service("T", "b.example"),
			`service T: its upstream: "a:1" and "a.c:2" are the same Service, whose certificate is verified for one name: always use the same spelling`},
		{",upstream=https://a:1,upstream.T=https://a.d:1", service("S", "a.example") + service("T", "b.example"), ""},
		{",upstream=a:1,upstream.T=a.c:1", service("S", "a.example") + service("T", "b.example"), ""},
	} {
		output, failure := withServices(t, "target=gateway-api,gateway_class=standard,namespace=c,gateway=edge"+test.parameter, test.body)
		if (failure == "") != (test.want == "") || !strings.Contains(failure, test.want) {
			t.Errorf("%s: error = %q, want %q", test.parameter, failure, test.want)
		}
		if test.want == "" && !strings.Contains(output, "kind: GRPCRoute") {
			t.Errorf("%s: there is no GRPCRoute:\n%s", test.parameter, output)
		}
	}
}

// A Service has one policy for TLS, however many of its ports are used.
func TestGatewayAPIPolicies(t *testing.T) {
	t.Parallel()
	output, failure := withServices(t, "target=gateway-api,gateway_class=standard,namespace=c,gateway=edge,upstream.S=https://a.b:1,upstream.T=https://a.b:2,upstream.U=c:1",
		service("S", "a.example")+service("T", "b.example")+service("U", "c.example"))
	if strings.Count(output, "kind: BackendTLSPolicy") != 1 || !strings.Contains(output, `hostname: "a.b"`) {
		t.Errorf("there is not one policy, for a.b: %s\n%s", failure, output)
	}
}
