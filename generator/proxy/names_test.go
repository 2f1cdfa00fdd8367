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

// withServices generates a file with body behind its header, which imports our options.
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

// service is a service with a host and aliases.
func service(name, host string, aliases ...string) string {
	quoted := ""
	for _, a := range aliases {
		quoted += fmt.Sprintf("aliases: %q ", a)
	}
	return fmt.Sprintf("service %s { option (gohost.v1.service) = {host: %q %s}; }\n", name, host, quoted)
}

// Proxies take names that differ in their case for one, and some of them refuse
// a name that stands there twice.
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

func TestGatewayAPILimits(t *testing.T) {
	t.Parallel()
	var many, shared strings.Builder
	for i := range 17 {
		fmt.Fprintf(&many, ",upstream=a%d:1", i)
		shared.WriteString(service(fmt.Sprintf("S%d", i), "a.example"))
	}
	long := "package " + strings.TrimSuffix(strings.Repeat("abcdefghijklmnopqrstuvwxyz.", 10), ".") + "; "
	for _, test := range []struct{ parameter, body, want string }{
		{many.String(), service("S", "a.example"), "upstream of S: it has 17 instances, and a GRPCRoute takes 16"},
		{",upstream=a:1", shared.String(), `a.proto:1:67: target gateway-api: service S0: the calls of host "a.example" have 18 routes, and a GRPCRoute takes 16`},
		{",upstream=a:1", long + service("S", "a.example"), "that is no name in Kubernetes"},
		{",upstream=a:1", "package _a; " + service("S", "a.example"), `its GRPCRoute cannot be called "-a.s": that is no name in Kubernetes`},
		{",upstream=a:1,upstream.T=b:1,host_upstream.shared.example=c:1",
			service("S", "a.example", "shared.example") + service("T", "b.example", "shared.example") + service("S_2", "c.example"),
			`service S_2: its GRPCRoute would be called "s-2", as that of S-2`},
	} {
		_, failure := withServices(t, "target=gateway-api,gateway=edge"+test.parameter, test.body)
		if !strings.Contains(failure, test.want) {
			t.Errorf("error = %q, want one with %q", failure, test.want)
		}
	}
}
