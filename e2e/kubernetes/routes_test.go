package kubernetes

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

func TestGatewayAPI(t *testing.T) { t.Parallel(); testRoutes(t, gatewayAPI, nil) }
func TestTraefikCRD(t *testing.T) { t.Parallel(); testRoutes(t, traefikCRD, nil) }

func TestGatewayAPIUpstreamTLS(t *testing.T) {
	t.Parallel()
	testRoutes(t, gatewayAPI.withUpstreamTLS(), nil)
}

func TestTraefikCRDUpstreamTLS(t *testing.T) {
	t.Parallel()
	testRoutes(t, traefikCRD.withUpstreamTLS().withClientTLS(), nil)
}

// The routes of the specification go wrong with Traefik 3.6: if one of these calls
// goes right, gateway_class=traefik may have become needless.
func TestStandardByTraefik(t *testing.T) {
	t.Parallel()
	testRoutes(t, standard, map[string]bool{
		"cal.square.example/Cal/Add":                          true,
		"cal.square.example/acme.v1.SquareService/Square":     true,
		"a.eu.square.example/Cal/Add":                         true,
		"a.eu.square.example/acme.v1.SquareService/Square":    true,
		"api.example/acme.v1.Orders/ExportAll":                true,
		"catalog.example/acme.catalog.v1.Catalog/Get":         true,
		"a.catalog.example/acme.catalog.v1.Catalog/Get":       true,
		"archive.catalog.example/acme.catalog.v1.Catalog/Get": true,
		// The rule of Watch has the length of that of the service.
		"catalog.example/acme.catalog.v1.Catalog/Watch":           false,
		"catalog.example/acme.catalog.v1.Catalog/WatchAll":        false,
		"archive.catalog.example/acme.catalog.v1.Catalog/GetAll":  true,
		"a.archive.catalog.example/acme.catalog.v1.Catalog/Get":   true,
		"a.archive.catalog.example/acme.catalog.v1.Catalog/Other": true,
	})
}

// Traefik reads the annotations of ingress-nginx too, but not as ingress-nginx does:
// the longest rule wins, a wildcard stands for one label, and regular expressions are
// taken literally.
func TestIngressNginxByTraefik(t *testing.T) {
	t.Parallel()
	testRoutes(t, ingressNginx, map[string]bool{
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
	})
}

// testRoutes calls all cases through Traefik. Those of elsewhere do not arrive where
// they should: never (true), or not always.
func testRoutes(t *testing.T, g target, elsewhere map[string]bool) {
	t.Helper()
	conn := g.start(t)
	right := 0
	for _, c := range routecases.All {
		backend, err := c.Call(t.Context(), conn)
		arrived := err == nil && backend == c.Backend
		if arrived {
			right++
		}
		if wrong, known := elsewhere[c.Host+c.Path]; !known && !arrived {
			t.Errorf("%s%s: it arrived at %q (%v), want %q", c.Host, c.Path, backend, err, c.Backend)
		} else if wrong && arrived {
			t.Errorf("%s%s: it arrived at %q, which is right: Traefik has become better", c.Host, c.Path, backend)
		}
	}
	t.Attr("seen", fmt.Sprintf("%d of %d calls at the right backend", right, len(routecases.All)))
}

// start starts Traefik on a fake API with what is generated for the goldens, and
// returns a connection to it.
func (g target) start(t *testing.T) *grpc.ClientConn {
	t.Helper()
	var opts []grpc.ServerOption
	var texts []string
	if g.upstreamTLS {
		cert, key := certificate.SelfSigned(t, append(routecases.Backends(), "orders-export.batch")...)
		opts = append(opts, withTLS(t, cert, key))
		texts = append(texts, configMap(namespace, cert), configMap("batch", cert))
	}
	for _, b := range startBackends(t, g, opts...) {
		texts = append(texts, b.service(), b.endpoints())
	}
	addr := proc.Addr(t)
	secret, creds := g.credentials(t)
	texts = append(texts, environment(t, addr), secret)
	for golden := range goldens {
		texts = append(texts, g.generate(t, golden))
	}
	api := kube.StartFake(t, strings.Join(texts, "\n"))
	conn := startTraefik(t, addr, creds, append(provider(g.provider, api.API), g.args...)...)
	waitRoutes(t, conn)
	return conn
}
