package proxy_test

import (
	"fmt"
	"strings"
	"testing"
)

// What Traefik and ingress-nginx cannot do is refused. The error has the place of the
// service and names targets that can.
func TestRefusedByTraefikAndIngresses(t *testing.T) {
	t.Parallel()
	const (
		httpRoutes = "target=gateway-api,gateway_class=traefik,namespace=apps,gateway=edge"
		routes     = "target=gateway-api,gateway_class=standard,namespace=apps,gateway=edge"
		crd        = "target=traefik-crd,namespace=apps"
		labels     = "target=traefik-labels"
		ingress    = "target=ingress-nginx,namespace=apps,tls_secret=edge"
	)
	a := service("S", "a.example")
	ab := a + service("T", "b.example")
	long := func(n int) string { // a path of n characters, with the slashes and the method
		return with(service(strings.Repeat("S", n-len("//Get")), "a.example"), method("Get", "")) + message
	}
	get := func(n int) string { return "upstream=a:1,upstream." + strings.Repeat("S", n-len("//Get")) + ".Get=b:1" }
	for _, test := range []struct{ name, parameter, body, failure string }{
		{"a Service", httpRoutes + ",upstream=a.b.svc:1", a, ""},
		{"no Service", httpRoutes + ",upstream=127.0.0.1:1", a, `a.proto:1:66: target gateway-api: service S: its upstream: "127.0.0.1:1" is not a Service of Kubernetes`},
		{"host with an underscore", httpRoutes + ",upstream=a:1", service("S", "a_b.example"), `host "a_b.example": an HTTPRoute allows only letters`},
		{"path of 899", httpRoutes + "," + get(899), long(899), ""},
		{"path of 900", httpRoutes + "," + get(900), long(900), "the path has 900 characters, and in Traefik an exact path only wins over a prefix of up to 899"},
		{"long path by the specification", routes + "," + get(900), long(900), "cannot be called"},
		{"TLS and none", httpRoutes + ",upstream.S=https://a:1,upstream.T=a:2", ab, "service T: its upstream: the Service apps/a has TLS for one upstream and none for another, and a BackendTLSPolicy applies to all its ports"},
		{"TLS and none by the specification", routes + ",upstream.S=https://a:1,upstream.T=a:2", ab, "the Service apps/a has TLS for one upstream and none for another"},
		{"TLS and none in two namespaces", routes + ",upstream.S=https://a:1,upstream.T=a.b:2", ab, ""},
		{"TLS and none in CRDs", crd + ",upstream.S=https://a:1,upstream.T=a:2", ab, ""},
		{"17 instances", httpRoutes + instances(17), a, "it has 17 instances, and an HTTPRoute takes 16"},
		{"16 instances", httpRoutes + instances(16), a, ""},
		{"no Service in CRDs", crd + ",upstream=[::1]:1", a, `target traefik-crd: service S: its upstream: "[::1]:1" is not a Service of Kubernetes`},
		{"host with an underscore in CRDs", crd + ",upstream=a:1", service("S", "a_b.example"), ""},
		{"name in CRDs", crd + ",upstream=a:1", service("S_", "a.example"), `its IngressRoute cannot be called "s-"`},
		{"health check in CRDs", crd + ",upstream=a:1,health_check=1s", a, "parameter health_check"},
		{"name of a container", labels + ",upstream=a.b:1", a, ""},
		{"address of a container", labels + ",upstream=10.0.0.1:1", a, "target traefik-labels: service S: its upstream: 10.0.0.1:1 is not a service of docker compose"},
		{"TLS to a container", labels + ",upstream=https://a:1", a, "so TLS to a is not possible: use target traefik"},
		{"two ports of a container", labels + ",upstream=a:1,upstream=a:2", a, "it has two ports of a"},
		{"two upstreams of a container", labels + ",upstream.S=a:1,upstream.T=a:2", ab, ""},
		{"TLS by an Ingress", ingress + ",upstream=https://a:1", a, "target ingress-nginx: service S: its upstream: ingress-nginx does not check the certificates of gRPC backends"},
		{"instances of an Ingress", ingress + instances(2), a, "it has 2 instances, and an Ingress has one Service for a path"},
		{"weights of an Ingress", ingress + ",upstream=a:1;weight=2,upstream=b:1", a, "its instances cannot have weights"},
		{"name of an Ingress", ingress + ",upstream=a:1", service("S_", "a.example"), `its Ingress cannot be called "s-"`},
		{"namespace of an Ingress", ingress + ",upstream=a.apps:1", a, ""},
		{"other namespace of an Ingress", ingress + ",upstream=a.b:1", a, "a.b:1 is not in the namespace apps"},
		{"Ingress without a certificate", "target=ingress-nginx,namespace=apps,upstream=a:1", a, "target ingress-nginx: parameter tls_secret is missing"},
		{"health check of an Ingress", ingress + ",upstream=a:1,health_check=1s", a, "parameter health_check"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			output, failure := withServices(t, test.parameter, test.body)
			if (failure == "") != (test.failure == "") || !strings.Contains(failure, test.failure) {
				t.Errorf("error = %q, want %q\n%s", failure, test.failure, output)
			}
		})
	}
}

// instances is a common upstream with n instances.
func instances(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ",upstream=a:%d", i+1)
	}
	return b.String()
}

// A rule of the Gateway API takes 64 matches.
func TestManyMatches(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	for i := range 70 {
		body.WriteString(service(fmt.Sprintf("S%d", i), "a.example"))
	}
	output, failure := withServices(t, "target=gateway-api,gateway_class=traefik,namespace=apps,gateway=edge,upstream=a:1", body.String())
	first, second, _ := strings.Cut(output, `name: "a.example-2"`)
	if n, m := strings.Count(first, "- path:"), strings.Count(second, "- path:"); n != 64 || m != 7 {
		t.Errorf("%d and %d matches, want 64 and 7: %s", n, m, failure)
	}
}

// An HTTPRoute takes 16 rules, one of which may be a repetition, and 16 hosts.
func TestManyRules(t *testing.T) {
	t.Parallel()
	methods := make([]string, 20)
	parameter := "target=gateway-api,gateway_class=traefik,namespace=apps,gateway=edge,upstream=a:1"
	for i := range methods {
		methods[i] = method(fmt.Sprintf("M%d", i), "")
		parameter += fmt.Sprintf(",upstream.S.M%d=m%d:1", i, i)
	}
	hosts := make([]string, 20)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("h%d.example", i)
	}
	output, failure := withServices(t, parameter, with(service("S", "a.example", hosts...), methods...)+message)
	routes := strings.Split(output, "\n---\n")[1:]
	if len(routes) != 4 {
		t.Fatalf("%d routes, want 4: %s", len(routes), failure)
	}
	for i, want := range []struct{ hosts, rules int }{{16, 15}, {16, 6}, {5, 15}, {5, 6}} {
		if hosts, rules := strings.Count(routes[i], "    - \""), strings.Count(routes[i], "- matches:"); hosts != want.hosts || rules != want.rules {
			t.Errorf("route %d has %d hosts and %d rules, want %v", i, hosts, rules, want)
		}
	}
}

// Names fit into labels: without dots, each once, ignoring case.
func TestLabelNames(t *testing.T) {
	t.Parallel()
	output, failure := withServices(t, "target=traefik-labels,upstream.Foo=x:1,upstream.foo=y:1,host_upstream.a.b=c:1,host_upstream.a-b=d:1",
		service("Foo", "a.example", "a.b")+service("foo", "b.example", "a-b"))
	for _, want := range []string{
		"routers.foo-3.rule", `routers.foo-3.service: "foo-2"`, "services.foo-2.loadbalancer.server.port",
		"services.host-a-b.loadbalancer.server.port", "services.host-a-b-2.loadbalancer.server.port",
	} {
		if strings.Count(output, want) != 1 {
			t.Errorf("%q is not there once: %s\n%s", want, failure, output)
		}
	}
}
