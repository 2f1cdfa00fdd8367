package kubernetes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// namespace is the namespace of the generated objects.
const namespace = "apps"

// goldens are the golden cases whose calls are in routecases.All, with their files.
var goldens = map[string][]string{
	"hosts":   {"hosts/square.proto", "hosts/calculator.proto"},
	"shared":  {"shared/api.proto"},
	"methods": {"methods/catalog.proto"},
}

// target is a target of the generator, with the provider of Traefik that reads it.
type target struct {
	file         string
	parameters   []string
	provider     string
	args         []string // other arguments of Traefik
	oneNamespace bool     // all Services are in the namespace of the routes
	clientTLS    bool     // it has TLS for clients
	upstreamTLS  bool     // its upstreams have TLS
	// elsewhere are the calls, by host and path, that Traefik sends to a wrong backend:
	// always (true) or sometimes (false).
	elsewhere map[string]bool
}

var (
	standard = target{
		file:       "gateway-api.yaml",
		parameters: []string{"target=gateway-api", "gateway_class=standard", "gateway=infra/edge"},
		provider:   "kubernetesgateway",
		// Traefik 3.6 routes the standard's routes wrongly. If one of these calls is
		// routed correctly, gateway_class=traefik may no longer be necessary.
		elsewhere: map[string]bool{
			"cal.square.example/Cal/Add":                          true,
			"cal.square.example/acme.v1.SquareService/Square":     true,
			"a.eu.square.example/Cal/Add":                         true,
			"a.eu.square.example/acme.v1.SquareService/Square":    true,
			"api.example/acme.v1.Orders/ExportAll":                true,
			"catalog.example/acme.catalog.v1.Catalog/Get":         true,
			"a.catalog.example/acme.catalog.v1.Catalog/Get":       true,
			"archive.catalog.example/acme.catalog.v1.Catalog/Get": true,
			// The rule of Watch is as long as that of the service.
			"catalog.example/acme.catalog.v1.Catalog/Watch":           false,
			"catalog.example/acme.catalog.v1.Catalog/WatchAll":        false,
			"archive.catalog.example/acme.catalog.v1.Catalog/GetAll":  true,
			"a.archive.catalog.example/acme.catalog.v1.Catalog/Get":   true,
			"a.archive.catalog.example/acme.catalog.v1.Catalog/Other": true,
		},
	}
	gatewayAPI = target{
		file:       "gateway-api.yaml",
		parameters: []string{"target=gateway-api", "gateway_class=traefik", "gateway=infra/edge"},
		provider:   "kubernetesgateway",
	}
	traefikCRD = target{
		file:       "traefik-crd.yaml",
		parameters: []string{"target=traefik-crd"},
		provider:   "kubernetescrd",
		args:       []string{"--providers.kubernetescrd.allowcrossnamespace=true"},
	}
	ingressNginx = target{
		file:         "ingress-nginx.yaml",
		parameters:   []string{"target=ingress-nginx", "tls_secret=edge"},
		provider:     "kubernetesingressnginx",
		args:         []string{"--experimental.kubernetesingressnginx=true"},
		oneNamespace: true,
		clientTLS:    true,
		// Traefik reads the annotations of ingress-nginx, but interprets them
		// differently: the longest rule wins, a wildcard stands for one label, and
		// regular expressions are taken literally.
		elsewhere: map[string]bool{
			"a.b.square.example/acme.v1.SquareService/Square":        true,
			"A.b.Square.example:1/acme.v1.SquareService/Square":      true,
			"cal.square.example/acme.v1.SquareService/Square":        true,
			"api.example/acme.v1.Orders/Get":                         true,
			"api.example/acme.v1.Orders/Export":                      true,
			"api.example/acme.v1.Orders/ExportAll":                   true,
			"api.example/acme.v1.Users/Get":                          true,
			"api.example/acme.v1.Sessions/Get":                       true,
			"catalog.example/acme.catalog.v1.Catalog/Get":            true,
			"catalog.example/acme.catalog.v1.Catalog/Watch":          true,
			"a.catalog.example/acme.catalog.v1.Catalog/Get":          true,
			"archive.catalog.example/acme.catalog.v1.Catalog/Get":    true,
			"archive.catalog.example/acme.catalog.v1.Catalog/GetAll": true,
		},
	}
)

// withUpstreamTLS returns g for upstreams with TLS, whose certificates are in the
// ConfigMap upstream-ca.
func (g target) withUpstreamTLS() target {
	g.upstreamTLS = true
	g.parameters = append(slices.Clone(g.parameters), "upstream_ca_configmap=upstream-ca")
	return g
}

// withClientTLS returns g with the certificate of the Secret edge, for clients.
func (g target) withClientTLS() target {
	g.clientTLS = true
	g.parameters = append(slices.Clone(g.parameters), "tls_secret=edge")
	return g
}

// generate returns the output for a golden case, with its own parameters for hosts and
// upstreams.
func (g target) generate(t *testing.T, golden string) string {
	t.Helper()
	parameters := append(slices.Clone(g.parameters), "namespace="+namespace)
	return proxyconfig.Generate(t, append(parameters, g.upstreams(t, golden)...), routecases.Dir, goldens[golden]...)
}

// upstreams returns the parameters of a golden case that name its upstreams.
func (g target) upstreams(t *testing.T, golden string) []string {
	t.Helper()
	options, err := os.ReadFile(filepath.Join(routecases.Dir, golden, "options.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var parameters []string
	for parameter := range strings.SplitSeq(strings.TrimSpace(string(options)), ",") {
		name, value, _ := strings.Cut(parameter, "=")
		if family, _, _ := strings.Cut(name, "."); family != "upstream" && family != "host_upstream" {
			continue
		}
		if g.oneNamespace {
			value = strings.ReplaceAll(value, ".batch:", ":")
		}
		if g.upstreamTLS {
			value = "https://" + value
		}
		parameters = append(parameters, name+"="+value)
	}
	return parameters
}
