package envoy

import (
	"path/filepath"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// more are cases for the goldens that have none in routecases.
var more = []routecases.Case{
	{Golden: "template", Host: "http-export.acme-billing-2-v1.example", Path: "/acme.billing_2.v1.HTTPExport/Get", Backend: "http-export"},
	{Golden: "template", Host: "http-export.acme-billing-2-v1.example", Path: "/grpc.health.v1.Health/Check", Backend: "http-export"},
	{Golden: "template", Host: "invoice-service.acme-billing-2-v1.example", Path: "/acme.billing_2.v1.InvoiceService/Get", Backend: "invoice-service"},
	{Golden: "template", Host: "invoice-service.example", Path: "/acme.billing_2.v1.InvoiceService/Get"},
	{Golden: "tls", Host: "square.example", Path: "/acme.v1.Square/Get", Backend: "square"},
	{Golden: "tls", Host: "cube.example", Path: "/acme.v1.Cube/Get", Backend: "cube"},
	{Golden: "canary", Host: "users.example", Path: "/acme.shop.v1.Users/Get", Backend: "users"},
}

// casesOf returns the cases of a golden.
func casesOf(t *testing.T, golden string) []routecases.Case {
	t.Helper()
	cases := routecases.Of(golden)
	for _, c := range more {
		if c.Golden == golden {
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		t.Fatalf("there are no calls for %s: add some", golden)
	}
	return dataplane.Possible(cases)
}

// Each golden file routes calls correctly, with TLS if it says so.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(routecases.Dir + "/*/envoy.yaml")
	if err != nil || len(files) < 6 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, b := readEdge(t, readFile(t, file)), dataplane.NewBackends(t)
			b.Names["127.0.0.1:50051"], b.Names["[::1]:50051"] = "cube", "cube"
			b.Certify(e)
			e.Serve(t, b).Check(casesOf(t, name))
			for _, c := range e.Clusters {
				if !dataplane.HTTP2(t, c) {
					t.Errorf("%s: HTTP/2 is not used", c.GetName())
				}
			}
		})
	}
}
