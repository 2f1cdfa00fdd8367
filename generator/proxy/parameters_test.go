package proxy_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// withParameter generates two services whose hosts depend on the parameter.
func withParameter(t *testing.T, parameter string) (map[string]string, string) {
	t.Helper()
	req, err := plugintest.RequestFromSources(parameter, map[string]string{"a.proto": `
		syntax = "proto3";
		package a;
		service Foo { rpc Get(M) returns (M); }
		service Bar { rpc Get(M) returns (M); }
		message M {}`}, "a.proto")
	if err != nil {
		t.Fatal(err)
	}
	files, err := plugintest.Files(proxy.Generate(req, io.Discard))
	if err != nil {
		return nil, err.Error()
	}
	return files, ""
}

// kubernetes are parameters that gateway-api requires.
const kubernetes = "gateway_class=standard,namespace=c"

func TestParameters(t *testing.T) {
	t.Parallel()
	const ok = "target=nginx,upstream={service}:1"
	const routes = "target=gateway-api,gateway=a,upstream=a:1,upstream=b:1,"
	label63 := strings.Repeat("a", 63)
	for parameter, want := range map[string]string{
		ok: "",
		"target=gateway-api," + kubernetes + ",gateway=a/b,upstream={service}:1": "",
		ok + ",listen=[::1]:80":                                                  "",
		"target=nginx,,upstream={service}:1":                                     "",
		"target=nginx,upstream=a:1,upstream=a:2":                                 "",
		"target=haproxy,upstream=a:1,certificate=/a.pem,key=/a.pem":              "",
		ok + ",listen=:80":                                                       "",
		"upstream=a:1":                                                           "parameter target is missing: allowed are traefik, nginx, haproxy, caddy, envoy, gateway-api",
		"target=apache,upstream=a:1":                                             "target=apache: allowed are traefik, nginx,",
		"target=nginx,target=nginx":                                              "target=nginx is given twice: remove one",
		"target=nginx":                                                           "service a.Foo has no upstream",
		ok + ",upstreams=x":                                                      `unknown parameter "upstreams": allowed are target, upstream,`,
		ok + ",weight=5":                                                         `unknown parameter "weight": a weight follows an address, as in upstream=HOST:PORT;weight=5`,
		ok + ",paths=source_relative":                                            `unknown parameter "paths"`,
		ok + ",listen=80":                                                        `listen="80": it is IP:PORT, [IPv6]:PORT or :PORT`,
		ok + ",listen=localhost:80":                                              `listen="localhost:80"`,
		ok + ",listen=[::1:80":                                                   `listen="[::1:80"`,
		ok + ",listen=::1:80":                                                    `listen="::1:80"`,
		ok + ",listen=[127.0.0.1]:80":                                            `listen="[127.0.0.1]:80"`,
		ok + ",listen=[::1%eth0]:80":                                             "listen=",
		ok + ",listen=:0":                                                        "listen=",
		ok + ",listen=:080":                                                      "listen=",
		ok + ",listen=:80,listen=:80":                                            "parameter listen is given twice",
		ok + ",certificate=a":                                                    "certificate and key go together",
		ok + ",key=a":                                                            "certificate and key go together",
		ok + ",certificate=a b,key=c":                                            `certificate="a b": a path may have only letters, digits and`,
		ok + ",upstream_ca=/ca.pem":                                              "parameter upstream_ca: no upstream has TLS",
		ok + ",gateway=a":                                                        "parameter gateway: target nginx does not use it",
		"target=traefik,upstream=a:1,listen=:1":                                  "parameter listen: target traefik does not use it",
		"target=gateway-api,upstream=a:1," + kubernetes:                          "target gateway-api: parameter gateway is missing",
		routes + "gateway_class=standard":                                        "target gateway-api: parameter namespace is missing",
		routes + "namespace=c":                                                   "target gateway-api: parameter gateway_class is missing",
		routes + "namespace=c,gateway_class=istio":                               "gateway_class=istio: allowed are standard, envoy-gateway, traefik, linkerd",
		routes + "gateway_class=standard,namespace=C":                            `namespace="C": that is not a name in Kubernetes`,
		routes + kubernetes + ",upstream_ca_configmap=a":                         "parameter upstream_ca_configmap: no upstream has TLS",
		routes + kubernetes + ",upstream_ca_configmap=A":                         `upstream_ca_configmap="A": that is not a name in Kubernetes`,
		routes + kubernetes + ",health_check=10s":                                "target gateway-api: parameter health_check: with gateway_class=standard it has no gRPC health checks, only with gateway_class=envoy-gateway",
		routes + kubernetes + ",upstream=c:1;weight=256":                         "",
		routes + kubernetes + ",upstream=c:1;weight=257":                         `a.proto:5:17: service a.Bar: upstream "c:1;weight=257": "weight=257": after the ; it has weight=N, with N from 1 to 256`,
		routes + kubernetes + ",upstream=c:1;weight=0":                           `a.proto:5:17: service a.Bar: upstream "c:1;weight=0": `,
		routes + kubernetes + ",upstream=c:1;weight=05":                          `a.proto:5:17: service a.Bar: upstream "c:1;weight=05": `,
		routes + kubernetes + ",upstream=c:1;5":                                  `a.proto:5:17: service a.Bar: upstream "c:1;5": `,
		routes + kubernetes + ",upstream=a:1;weight=5":                           `a.proto:5:17: service a.Bar: upstream "a:1;weight=5" is given twice`,
		ok + ",nginx_version=1.25":                                               "nginx_version=1.25: allowed are 1.22, 1.26",
		ok + ",entrypoint=a":                                                     "parameter entrypoint: target nginx does not use it",
		"target=traefik,upstream=a:1,entrypoint=a,entrypoint=b":                  "",
		"target=traefik,upstream=a:1,entrypoint=a,entrypoint=a":                  "entrypoint=a is given twice: remove one",
		"target=traefik,upstream=a:1,entrypoint=a.b":                             `entrypoint="a.b": the name of an entry point may only have letters`,
		ok + ",health_check=1h":                                                  "target nginx: parameter health_check: it has no gRPC health checks",
		ok + ",health_check=10":                                                  `health_check="10": it is the time between two checks, whole seconds from 1s to 1h, such as 10s`,
		ok + ",health_check=999ms":                                               `health_check="999ms": it is the time`,
		ok + ",health_check=1500ms":                                              `health_check="1500ms": it is the time`,
		ok + ",health_check=1h1s":                                                `health_check="1h1s": it is the time`,
		"target=gateway-api," + kubernetes + ",upstream=a:1,gateway=A":           `gateway="A": it is NAME or NAMESPACE/NAME`,
		"target=gateway-api," + kubernetes + ",upstream=a:1,gateway=/a":          "gateway=",
		"target=gateway-api," + kubernetes + ",upstream=a:1,gateway=" + label63:  "",
		"target=gateway-api," + kubernetes + ",upstream=a:1,gateway=a" + label63: "gateway=",
		"target=gateway-api," + kubernetes + ",upstream=127.0.0.1:1,gateway=a":   `a.proto:5:17: target gateway-api: service a.Bar: its upstream: "127.0.0.1:1" is not a Service of Kubernetes`,
		ok + ",upstream.a.Foo={host}:1":                                          `upstream "{host}:1": unknown placeholder "{host}": allowed are {service}, {service_short}, {package} and {package_dashed}`,
		ok + ",upstream={host}:1":                                                `upstream "{host}:1": unknown placeholder "{host}"`,
		ok + ",upstream.a.Baz=a:1":                                               "parameter upstream.a.Baz: there is no service or method of that name",
		ok + ",upstream.a.Foo.Get=a:1":                                           "",
		ok + ",upstream.a.Foo.get=a:1":                                           "parameter upstream.a.Foo.get: there is no service or method",
		ok + ",host_upstream.x.example=a:1":                                      "parameter host_upstream.x.example: no service declares that host",
		ok + ",host_upstream.X=a:1":                                              "parameter host_upstream: invalid host",
		ok + ",host_upstream.foo.example=a":                                      `parameter host_upstream.foo.example: upstream "a": it has no port`,
		ok + ",default_host=x":                                                   "default_host=x: allowed are use",
		"target=haproxy,upstream=a:1,certificate=/a.pem,key=/b.pem":              "HAProxy looks for the key in the file of the certificate, or in /a.pem.key",
		"target=nginx,upstream=https://a:1,upstream=https://b:1":                 "for both a and b",
		"target=envoy,upstream=https://a:1,upstream=https://b:1":                 "for both a and b",
		"target=caddy,target=traefik,upstream=https://a:1,upstream=https://b:1":  "",
	} {
		t.Run(parameter, func(t *testing.T) {
			t.Parallel()
			files, err := withParameter(t, parameter+",host_template={service}.example")
			if (err == "") != (want == "") || !strings.Contains(err, want) {
				t.Errorf("error = %q, want %q", err, want)
			}
			if want == "" && len(files) == 0 {
				t.Error("no file")
			}
		})
	}
}

// A consequence of a mistake is not reported as another mistake.
func TestOneMistakeIsOneError(t *testing.T) {
	t.Parallel()
	for parameter, want := range map[string]string{
		"listen=:80,upstream=a:1":                                           "parameter target is missing: allowed are",
		"target=apache,certificate=a,key=b":                                 "target=apache: allowed are",
		"target=nginx,upstream=a:1,certificate=a":                           "certificate and key go together",
		"target=nginx,upstream=a:1,host_upstream.A=a:1,host_upstream.A=a:2": "parameter host_upstream: invalid host",
	} {
		_, err := withParameter(t, parameter)
		if !strings.HasPrefix(err, want) || strings.Contains(err, "\n") {
			t.Errorf("%s: error = %q, want %q alone", parameter, err, want)
		}
	}
}

// Several mistakes are reported together, each once.
func TestEachMistakeIsOneError(t *testing.T) {
	t.Parallel()
	_, err := withParameter(t, "target=\x1bap\x00ache,bad_one=1,target=nginx,bad_two=2,default_host=x,listen=80,listen=:80,target=nginx")
	wants := []string{
		"target=apache: allowed are", `unknown parameter "bad_one"`, `unknown parameter "bad_two"`, "default_host=x: allowed are",
		`listen="80": it is`, "parameter listen is given twice: remove one", "target=nginx is given twice: remove one",
	}
	lines := strings.Split(err, "\n")
	if len(lines) != len(wants) {
		t.Fatalf("%d errors, want %d:\n%s", len(lines), len(wants), err)
	}
	for i, want := range wants {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("error %d = %q, want %q", i, lines[i], want)
		}
	}
}

// Text with a meaning in one of the languages cannot be injected through any
// parameter: it is refused, whatever surrounds it.
func TestInjection(t *testing.T) {
	t.Parallel()
	parameters := map[string]struct{ target, format, good string }{
		"upstream":      {"caddy", "upstream=%s:1", "b"},
		"port":          {"caddy", "upstream=a:%s", "1"},
		"of a service":  {"caddy", "upstream=a:1,upstream.a.Foo=%s:1", "b"},
		"of a host":     {"caddy", "upstream=a:1,host_upstream.foo.example=%s:1", "b"},
		"service":       {"caddy", "upstream=a:1,upstream.a.%s=b:1", "Foo"},
		"host":          {"caddy", "upstream=a:1,host_upstream.%s.example=b:1", "foo"},
		"certificate":   {"caddy", "upstream=a:1,key=b,certificate=%s", "/etc/a.pem"},
		"key":           {"caddy", "upstream=a:1,certificate=b,key=%s", "/etc/a.pem"},
		"ca":            {"caddy", "upstream=https://a:1,upstream_ca=%s", "/etc/a.pem"},
		"listen":        {"caddy", "upstream=a:1,listen=%s", ":1"},
		"address":       {"caddy", "upstream=a:1,listen=%s:1", "127.0.0.1"},
		"gateway":       {"gateway-api", kubernetes + ",upstream=a:1,gateway=%s", "b"},
		"namespace":     {"gateway-api", kubernetes + ",upstream=a:1,gateway=%s/b", "a"},
		"backend":       {"gateway-api", kubernetes + ",gateway=a,upstream=%s:1", "a.b"},
		"weight":        {"gateway-api", kubernetes + ",gateway=a,upstream=a:1,upstream=b:1;weight=%s", "2"},
		"nginx version": {"nginx", "upstream=a:1,nginx_version=%s", "1.22"},
		"class":         {"gateway-api", "upstream=a:1,gateway=a,namespace=c,gateway_class=%s", "linkerd"},
		"objects in":    {"gateway-api", "upstream=a:1,gateway=a,gateway_class=standard,namespace=%s", "c"},
		"entry point":   {"traefik", "upstream=a:1,entrypoint=%s", "web"},
		"destination":   {"istio", "namespace=c,gateway=a,upstream=%s:1", "a.b"},
		"Istio's CA":    {"istio", "namespace=c,gateway=a,upstream=https://a:1,upstream_ca=%s", "/etc/a.pem"},
		"Istio gateway": {"istio", "namespace=c,gateway=%s,upstream=a:1", "b/mesh"},
		"config map":    {"gateway-api", kubernetes + ",gateway=a,upstream=https://a:1,upstream_ca_configmap=%s", "a.b"},
		"host template": {"caddy", "upstream=a:1,host_template=%s.a", "{service}"},
	}
	texts := []string{"a\nb", "a\r", "a\x00", "a b", "a\tb", `a"b`, "a'b", "a`b", "a;b", "a{b", "a}b", "{$HOME}", "${x}", "$host", "%[src]",
		"a#b", `a\b`, "a|b", "a&b", "<a", "(a)", "a:b", "*", "**", "é", "\u202e", "{{.}}", "a\u2028"}
	for what, p := range parameters {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			generate := func(text string) string {
				parameter := "target=" + p.target + "," + fmt.Sprintf(p.format, text)
				if what != "host template" {
					parameter += ",host_template={service}.example"
				}
				_, err := withParameter(t, parameter)
				return err
			}
			if err := generate(p.good); err != "" {
				t.Fatalf("%q: %s", p.good, err)
			}
			for _, text := range texts {
				if generate(text) == "" {
					t.Errorf("%q is accepted", text)
				}
			}
		})
	}
}

// The name of a .proto is data in a comment.
func TestCommentsAreData(t *testing.T) {
	t.Parallel()
	const name = "a {$HOME}\\ ${x} `%[y]` \u202e\u2028{{.}}.proto"
	req, err := plugintest.RequestFromSources("target=traefik,target=nginx,target=haproxy,target=caddy,target=envoy,target=gateway-api,target=istio,gateway_class=envoy-gateway,namespace=c,gateway=edge,upstream=b:1,host_template=c.example",
		map[string]string{name: `syntax = "proto3"; service Foo { rpc Get(M) returns (M); } message M {}`}, name)
	if err != nil {
		t.Fatal(err)
	}
	files, err := plugintest.Files(proxy.Generate(req, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range files {
		lines := strings.Split(text, "\n")
		i := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "proto:1:20: service Foo") })
		if i < 0 || strings.TrimLeft(lines[i], "\t ") != "# a __HOME__ __x_ ___y__ __.__.proto:1:20: service Foo" {
			t.Errorf("%s: the comment is %q", file, lines[max(i, 0)])
		}
	}
}
