package kubernetes

import (
	"slices"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

// The golden case template, with a port that needs no privileges: hosts and upstreams
// with TLS from templates, in the namespace of the package.

func TestTemplateGatewayAPI(t *testing.T) { t.Parallel(); testTemplate(t, gatewayAPI) }
func TestTemplateTraefikCRD(t *testing.T) { t.Parallel(); testTemplate(t, traefikCRD) }

func testTemplate(t *testing.T, g target) {
	t.Helper()
	const packageNamespace = "acme-billing-2-v1"
	cases := []routecases.Case{
		{Host: "http-export." + packageNamespace + ".example", Path: "/acme.billing_2.v1.HTTPExport/Get", Backend: "http-export"},
		{Host: "http-export." + packageNamespace + ".example", Path: "/grpc.health.v1.Health/Check", Backend: "http-export"},
		{Host: "invoice-service." + packageNamespace + ".example", Path: "/acme.billing_2.v1.InvoiceService/Get", Backend: "invoice-service"},
		{Host: "invoice-service." + packageNamespace + ".example", Path: "/acme.billing_2.v1.HTTPExport/Get", Backend: "invoice-service"},
		{Host: "other." + packageNamespace + ".example", Path: "/acme.billing_2.v1.InvoiceService/Get"},
	}
	names := []string{"http-export", "invoice-service"}
	cert, key := certificate.SelfSigned(t, names[0]+"."+packageNamespace, names[1]+"."+packageNamespace)
	addr := proc.Addr(t)
	texts := []string{
		environment(t, addr), configMap(packageNamespace, cert),
		proxyconfig.Generate(t, append(slices.Clone(g.withUpstreamTLS().parameters), "namespace="+namespace,
			"host_template={service}.{package_dashed}.example", "upstream=https://{service}.{package_dashed}:8443"),
			routecases.Dir, "template/template.proto"),
	}
	for _, name := range names {
		b := backend{namespace: packageNamespace, name: name, port: 8443, tls: true, ip: serve(t, name, 8443, withTLS(t, cert, key))}
		texts = append(texts, b.service(), b.endpoints())
	}
	_, creds := g.credentials(t, "")
	api := kube.StartFake(t, texts...)
	conn := startTraefik(t, addr, creds, append(provider(g.provider, api.API), g.args...)...)
	proc.Wait(t, "the routes", func() bool {
		backend, err := cases[0].Call(t.Context(), conn)
		return err == nil && backend != ""
	})
	routecases.Check(t, conn, cases)
}
