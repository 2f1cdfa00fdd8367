package proxy_test

import (
	"fmt"
	"strings"
	"testing"
)

// Each controller gets its own objects beside the routes, and what it cannot do
// is refused.
func TestGatewayClasses(t *testing.T) {
	t.Parallel()
	const (
		policy      = "kind: BackendTrafficPolicy"
		annotation  = "timeout.linkerd.io/request: 365d"
		ofService   = "- group: \"\"\n      kind: Service\n      name: \"edge\"\n      namespace: \"apps\"\n"
		healthCheck = "active:\n      type: GRPC\n      interval: 3s\n      timeout: 3s\n"
		noHealth    = "parameter health_check: with gateway_class=%s it has no gRPC health checks, only with gateway_class=envoy-gateway"
	)
	for _, test := range []struct {
		class, parameter string
		has, not         []string
		failure          string
	}{
		{"standard", "upstream=x:1", nil, []string{policy, annotation, ofService}, ""},
		{"envoy-gateway", "upstream=x:1", []string{policy, "http: {requestTimeout: 0s}"}, []string{annotation, ofService, healthCheck}, ""},
		{"linkerd", "upstream=x:1", []string{annotation, ofService}, []string{policy}, ""},
		{"traefik", "upstream=x:1", nil, []string{policy, annotation}, ""},
		{"envoy-gateway", "upstream=x:1,health_check=3s", []string{healthCheck, "panicThreshold: 0"}, nil, ""},
		{"envoy-gateway", "upstream=x:1,health_check=6s", []string{"interval: 6s\n      timeout: 5s\n"}, nil, ""},
		{"standard", "upstream=x:1,health_check=3s", nil, nil, fmt.Sprintf(noHealth, "standard")},
		{"linkerd", "upstream=x:1,health_check=3s", nil, nil, fmt.Sprintf(noHealth, "linkerd")},
		{"traefik", "upstream=x:1,health_check=3s", nil, nil, fmt.Sprintf(noHealth, "traefik")},
		{"envoy-gateway", "upstream=https://x:1", []string{"kind: BackendTLSPolicy"}, nil, ""},
		{"linkerd", "upstream=https://x:1", nil, nil, "a.proto:1:66: target gateway-api: service S: its upstream: Linkerd does not open TLS connections to upstreams"},
	} {
		output, failure := withServices(t, "target=gateway-api,namespace=apps,gateway=edge,gateway_class="+test.class+","+test.parameter, service("S", "a.example"))
		if (failure == "") != (test.failure == "") || !strings.Contains(failure, test.failure) {
			t.Errorf("%s: error = %q, want %q", test.class, failure, test.failure)
		}
		for _, want := range test.has {
			if !strings.Contains(output, want) {
				t.Errorf("%s,%s: there is no %q:\n%s", test.class, test.parameter, want, output)
			}
		}
		for _, other := range test.not {
			if strings.Contains(output, other) {
				t.Errorf("%s,%s: there is %q:\n%s", test.class, test.parameter, other, output)
			}
		}
	}
}
