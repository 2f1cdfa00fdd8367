package envoy

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// calls are calls through the golden files, by the case, and the address where
// they arrive; "" where no service has the host.
var calls = map[string][]call{
	"hosts": {
		{"square.example", "/acme.v1.SquareService/Square", "square-service:50051"},
		{"square.example", "/grpc.health.v1.Health/Check", "square-service:50051"},
		{"cal.square.example", "/Cal/Add", "cal:50051"},
		{"x.eu.square.example", "/Cal/Add", "cal:50051"},
		{"x.square.example", "/acme.v1.SquareService/Square", "square-service:50051"},
		{"bulk.square.example", "/acme.v1.SquareService/Bulk", "square-service:50051"},
		{"no-host.example", "/NoHost/Add", ""},
	},
	"shared": {
		{"api.example", "/acme.v1.Orders/Export", "orders-export.batch:50052"},
		{"api.example", "/acme.v1.Orders/ExportAll", "orders:50051"},
		{"api.example", "/acme.v1.Orders/Get", "orders:50051"},
		{"api.example", "/acme.v1.Users/Get", "users:50051"},
		{"api.example", "/grpc.health.v1.Health/Check", "health:50053"},
		{"sessions.example", "/acme.v1.Orders/Get", "users:50051"},
	},
	"template": {
		{"http-export.acme-billing-2-v1.example", "/acme.billing_2.v1.HTTPExport/Get", "http-export.acme-billing-2-v1:443"},
		{"invoice-service.acme-billing-2-v1.example", "/acme.billing_2.v1.InvoiceService/Get", "invoice-service.acme-billing-2-v1:443"},
	},
	"tls": {
		{"square.example", "/acme.v1.Square/Get", "square.internal:8443"},
	},
}

type call struct{ host, path, address string }

// Each golden file sends calls where they belong, by TLS where it says so.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/proxy/*/envoy.yaml")
	if err != nil || len(files) < len(calls) {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(calls[name]) == 0 {
				t.Fatal("no call is made through this one: add some to calls")
			}
			e, b := readEdge(t, readFile(t, file)), newBackends(t)
			b.useTLS(e)
			p := e.serve(t, b)
			for _, c := range calls[name] {
				p.check(t, c)
			}
		})
	}
}

// useTLS lets b have the certificates that e asks for.
func (b *backends) useTLS(e *edge) {
	b.t.Helper()
	for _, c := range e.clusters {
		if context := upstreamTLS(b.t, c); context != nil {
			for e := range all(c.GetLoadAssignment()) {
				host, _, err := net.SplitHostPort(address(e))
				if err != nil {
					b.t.Fatal(err)
				}
				b.secure[address(e)] = host
			}
		}
	}
}

// check makes a call, and fails the test if it arrives elsewhere.
func (p *plane) check(t *testing.T, c call) {
	t.Helper()
	err := p.call(t, c.host, c.path)
	switch {
	case c.address == "":
		// grpc-go does not know direct responses: with another error it would have none.
		if status.Code(err) != codes.Unavailable || !strings.Contains(status.Convert(err).Message(), unknownHost) {
			t.Errorf("%s%s: %v, want %q", c.host, c.path, err, unknownHost)
		}
	case status.Code(err) != codes.Aborted || status.Convert(err).Message() != c.address:
		t.Errorf("%s%s: %v, want %s", c.host, c.path, err, c.address)
	}
}

// unknownHost is the error of a route that is no way to a cluster.
const unknownHost = "matched route does not have a supported route action type"

func (p *plane) call(t *testing.T, host, path string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return p.conn(t, host).Invoke(ctx, path, new(emptypb.Empty), new(emptypb.Empty), grpc.WaitForReady(false))
}
