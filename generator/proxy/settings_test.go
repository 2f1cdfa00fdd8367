package proxy_test

import (
	"strings"
	"testing"
)

// Settings that are accepted also appear in the output.
func TestSettings(t *testing.T) {
	t.Parallel()
	a := service("S", "a.example")
	for _, test := range []struct{ parameter, want string }{
		{"target=traefik,upstream=x:1,entrypoint=web,entrypoint=web-secure", `entryPoints: ["web", "web-secure"]`},
		{"target=gateway-api,gateway=a,upstream=x:1,upstream=y.z:2;weight=9," + kubernetes, `
        - name: "x"
          namespace: "c"
          port: 1
          weight: 1
        - name: "y"
          namespace: "z"
          port: 2
          weight: 9
`},
		{"target=gateway-api,gateway=a,upstream=x:1;weight=9," + kubernetes, "\n          port: 1\n"},
		{"target=gateway-api,gateway=a,upstream=https://x:1,upstream_ca_configmap=ca," + kubernetes, `
    caCertificateRefs:
      - group: ""
        kind: ConfigMap
        name: "ca"
    hostname: "x"
`},
		{"target=gateway-api,gateway=a,upstream=x:1," + kubernetes, "parentRefs:\n    - name: \"a\"\n      namespace: \"c\"\n"},
	} {
		if output, failure := withServices(t, test.parameter, a); !strings.Contains(output, test.want) {
			t.Errorf("%s: there is no %q: %s\n%s", test.parameter, test.want, failure, output)
		}
	}
}

// Upstreams that differ only in a weight are different.
func TestWeightsTellUpstreamsApart(t *testing.T) {
	t.Parallel()
	output, failure := withServices(t, "target=gateway-api,gateway=a,upstream.S=x:1,upstream.S=y:1,upstream.T=x:1,upstream.T=y:1;weight=2,"+kubernetes,
		service("S", "a.example")+service("T", "b.example"))
	if strings.Count(output, "weight: 2") != 2 || strings.Count(output, "weight: 1") != 2 {
		t.Errorf("not each route has its weights: %s\n%s", failure, output)
	}
}

// The header names the sources of the output, so a reader notices a file that buf has
// left out.
func TestSources(t *testing.T) {
	t.Parallel()
	output, _ := withServices(t, "target=nginx,upstream=x:1", "package acme.v1; "+service("S", "a.example"))
	if want := "routes of only these files: buf needs strategy: all.\n#   a.proto (package acme.v1)\n#\n"; !strings.Contains(output, want) {
		t.Errorf("there is no %q:\n%s", want, output)
	}
}
