package proxy_test

import (
	"strings"
	"testing"
)

func TestIstio(t *testing.T) {
	t.Parallel()
	const target = "target=istio,namespace=apps,gateway=edge,"
	a, b := service("S", "a.example"), service("T", "b.example")
	for _, test := range []struct {
		name, parameter, body string
		once                  []string // the output has it once
		failure               string   // part of the error
	}{
		{"Gateway in the same namespace", target + "upstream=x:1", a, []string{`gateways: ["apps/edge"]`}, ""},
		{"Gateway elsewhere", "target=istio,namespace=apps,gateway=infra/edge,upstream=x:1", a, []string{`gateways: ["infra/edge"]`}, ""},
		{"sidecars", "target=istio,namespace=apps,gateway=mesh,upstream=x:1", a, []string{`gateways: ["mesh"]`}, ""},
		{"Gateway called mesh", "target=istio,namespace=apps,gateway=apps/mesh,upstream=x:1", a, []string{`gateways: ["apps/mesh"]`}, ""},
		{"instances take turns", target + "upstream=x:1,upstream=y:1,upstream.T=z:1", a + b,
			[]string{"match: [{uri: {prefix: \"/S/\"}}]\n      route:\n        - destination: {host: \"x.apps.svc.cluster.local\", port: {number: 1}}\n          weight: 1\n"}, ""},
		{"a rule for each Service", target + "upstream=x:2,upstream.T=x.apps:1", a + b,
			[]string{"kind: DestinationRule", "- port: {number: 1}\n", "- port: {number: 2}\n"}, ""},
		{"a port once", target + "upstream=x:1,upstream.T=x.apps:1", a + b, []string{"- port: {number: 1}\n"}, ""},
		{"Services of one name in two namespaces", target + "upstream=x:1,upstream.T=x.other:1", a + b,
			[]string{`host: "x.apps.svc.cluster.local"` + "\n", `host: "x.other.svc.cluster.local"` + "\n"}, ""},
		{"TLS for a port", target + "upstream=https://x.other:1,upstream.T=x.other:2", a + b,
			[]string{"mode: SIMPLE\n          sni: \"x.other\"\n          subjectAltNames: [\"x.other\"]\n          caCertificates: \"system\"\n"}, ""},
		{"authorities of one's own", target + "upstream=https://x:1,upstream_ca=/etc/ca.pem", a, []string{`caCertificates: "/etc/ca.pem"`}, ""},
		{"TLS and none", target + "upstream=https://x:1,upstream.T=x.apps:1", a + b, nil,
			"a.proto:2:13: target istio: service T: its upstream: x.apps:1 is called with TLS and without: an Istio DestinationRule allows only one of them per port"},
		{"no Service", target + "upstream=127.0.0.1:1", a, nil, `"127.0.0.1:1" is not a Service of Kubernetes`},
		{"host with an underscore", target + "upstream=x:1", service("S", "a_b.example"), nil, `host "a_b.example": a VirtualService allows only letters`},
		{"no health checks", target + "upstream=x:1,health_check=10s", a, nil, "target istio: parameter health_check: it has no gRPC health checks"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			output, failure := withServices(t, test.parameter, test.body)
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

// Istio refuses a timeout of 0s, and has none by default.
func TestIstioHasNoTimeout(t *testing.T) {
	t.Parallel()
	output, failure := withServices(t, "target=istio,namespace=apps,gateway=edge,upstream=x:1", service("S", "a.example"))
	if failure != "" || strings.Contains(output, "timeout:") || strings.Contains(output, "weight:") {
		t.Errorf("there is a timeout or a weight: %s\n%s", failure, output)
	}
	if n := strings.Count(output, "retries: {attempts: 0}"); n != 2 {
		t.Errorf("%d routes do not repeat calls, want both:\n%s", n, output)
	}
}
