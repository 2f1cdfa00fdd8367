package kubernetes

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

func TestGatewayAPI(t *testing.T) { t.Parallel(); testRoutes(t, gatewayAPI) }
func TestTraefikCRD(t *testing.T) { t.Parallel(); testRoutes(t, traefikCRD) }

func TestGatewayAPIUpstreamTLS(t *testing.T) {
	t.Parallel()
	testRoutes(t, gatewayAPI.withUpstreamTLS())
}

func TestTraefikCRDUpstreamTLS(t *testing.T) {
	t.Parallel()
	testRoutes(t, traefikCRD.withUpstreamTLS().withClientTLS())
}

func TestStandardByTraefik(t *testing.T)     { t.Parallel(); testRoutes(t, standard) }
func TestIngressNginxByTraefik(t *testing.T) { t.Parallel(); testRoutes(t, ingressNginx) }

// testRoutes makes all calls through Traefik on a fake API.
func testRoutes(t *testing.T, g target) {
	t.Helper()
	w := g.world(t)
	texts := append(w.generated, w.environment)
	for _, b := range w.backends {
		texts = append(texts, b.service(), b.endpoints())
	}
	api := kube.StartFake(t, texts...)
	conn := startTraefik(t, w.addr, w.creds, append(provider(g.provider, api.API), g.args...)...)
	waitRoutes(t, conn)
	g.check(t, conn)
	for path, status := range api.Statuses() {
		if strings.Contains(status, `"status":"False"`) {
			t.Errorf("%s: %s", path, status)
		}
	}
}

// check makes all calls. Those in elsewhere do not reach the right backend.
func (g target) check(t *testing.T, conn *grpc.ClientConn) {
	t.Helper()
	for _, golden := range []string{"hosts", "shared", "methods"} {
		t.Run(golden, func(t *testing.T) {
			right, cases := 0, routecases.Of(golden)
			for _, c := range cases {
				backend, err := c.Call(t.Context(), conn)
				arrived := err == nil && backend == c.Backend
				if arrived {
					right++
				}
				if wrong, known := g.elsewhere[c.Host+c.Path]; !known && !arrived {
					t.Errorf("%s%s: the call reached %q (%v), want %q", c.Host, c.Path, backend, err, c.Backend)
				} else if wrong && arrived {
					t.Errorf("%s%s: the call reached %q, which is right: remove it from elsewhere", c.Host, c.Path, backend)
				}
			}
			seen(t, fmt.Sprintf("%d of %d calls at the right backend", right, len(cases)))
		})
	}
}

// world is what Traefik needs for the goldens.
type world struct {
	addr        string // its address
	creds       credentials.TransportCredentials
	backends    []backend
	environment string // the objects that must exist before the generated ones
	generated   []string
}

// world starts the backends of g, and generates its routes to them.
func (g target) world(t *testing.T) world {
	t.Helper()
	var opts []grpc.ServerOption
	w := world{addr: proc.Addr(t)}
	secret, creds := g.credentials(t, "edge", hosts()...)
	w.creds, w.environment = creds, environment(t, w.addr)+secret
	if g.upstreamTLS {
		cert, key := certificate.SelfSigned(t, append(routecases.Backends(), "orders-export.batch")...)
		opts = append(opts, withTLS(t, cert, key))
		w.environment += configMap(namespace, cert) + configMap("batch", cert)
	}
	w.backends = startBackends(t, g, opts...)
	for golden := range goldens {
		w.generated = append(w.generated, g.generate(t, golden))
	}
	return w
}
