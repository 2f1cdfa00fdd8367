package envoy

import (
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// more are cases of the goldens that have none in routecases.
var more = []routecases.Case{
	{Golden: "template", Host: "http-export.acme-billing-2-v1.example", Path: "/acme.billing_2.v1.HTTPExport/Get", Backend: "http-export"},
	{Golden: "template", Host: "http-export.acme-billing-2-v1.example", Path: "/grpc.health.v1.Health/Check", Backend: "http-export"},
	{Golden: "template", Host: "invoice-service.acme-billing-2-v1.example", Path: "/acme.billing_2.v1.InvoiceService/Get", Backend: "invoice-service"},
	{Golden: "template", Host: "invoice-service.example", Path: "/acme.billing_2.v1.InvoiceService/Get"},
	{Golden: "tls", Host: "square.example", Path: "/acme.v1.Square/Get", Backend: "square"},
	{Golden: "tls", Host: "cube.example", Path: "/acme.v1.Cube/Get", Backend: "cube"},
}

// Each golden file sends calls where they belong, by TLS where it says so.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(routecases.Dir + "/*/envoy.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := readEdge(t, readFile(t, file))
			b := newBackends(t)
			b.useTLS(e)
			e.serve(t, b).check(t, casesOf(t, name))
		})
	}
}

// casesOf returns the cases of a golden one that grpc-go can make.
func casesOf(t *testing.T, golden string) []routecases.Case {
	t.Helper()
	var cases []routecases.Case
	for _, c := range append(routecases.Of(golden), more...) {
		known := !strings.Contains(c.Host, ":") && strings.ToLower(c.Host) == c.Host
		if c.Golden == golden && known {
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		t.Fatalf("there are no calls for %s: add some", golden)
	}
	return cases
}

// unknownHost is grpc-go's error for a route that answers by itself. With any
// other one, a host that nobody has would have been sent somewhere.
const unknownHost = "matched route does not have a supported route action type"

// check makes the calls, and the test fails for each that arrives elsewhere.
func (p *plane) check(t *testing.T, cases []routecases.Case) {
	t.Helper()
	for _, c := range cases {
		conn := p.conn(t, c.Host)
		host := c.Host
		c.Host = "" // the connection's: grpc-go would look for one of a call in the certificate of the backend
		backend, err := c.Call(t.Context(), conn)
		unknown := status.Code(err) == codes.Unavailable && strings.Contains(err.Error(), unknownHost)
		switch {
		case c.Backend == "" && unknown, err == nil && backend == c.Backend:
		case err != nil:
			t.Errorf("%s%s: %v, want the backend %q", host, c.Path, err, c.Backend)
		default:
			t.Errorf("%s%s: it arrived at %q, want %q", host, c.Path, backend, c.Backend)
		}
	}
}
