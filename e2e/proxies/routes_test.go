package proxies

import (
	"net"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
)

// Which backend answers for a host and a path; "" where no service has the host.
// The services are those of the golden cases hosts and shared.
var routes = []struct{ host, path, backend string }{
	{"square.example", "/acme.v1.SquareService/Square", "square"},
	{"square.example", "/grpc.health.v1.Health/Check", "square"},
	{"SQUARE.Example", "/acme.v1.SquareService/Square", "square"},
	{"square.example:8080", "/acme.v1.SquareService/Square", "square"},
	{"square.internal.example", "/acme.v1.SquareService/Square", "square"},
	{"a.square.example", "/acme.v1.SquareService/Square", "square"},
	{"a.b.square.example", "/acme.v1.SquareService/Square", "square"},
	{"A.b.Square.example:1", "/acme.v1.SquareService/Square", "square"},
	{"bulk.square.example", "/acme.v1.SquareService/Bulk", "square"},
	{"bulk.square.example", "/grpc.health.v1.Health/Check", "square"},
	{"a.eu.square.internal.example", "/acme.v1.SquareService/Square", "square"},
	{"a-name-for-which-nginx-has-no-room-in.its-hash-of-server-names.example", "/acme.v1.SquareService/Square", "square"},
	// A host wins over a wildcard, and a longer wildcard over a shorter one.
	{"cal.example", "/Cal/Add", "cal"},
	{"cal.square.example", "/Cal/Add", "cal"},
	{"cal.square.example", "/acme.v1.SquareService/Square", "cal"},
	{"a.eu.square.example", "/Cal/Add", "cal"},
	{"eu.square.example", "/Cal/Add", "square"},
	// Services that share a host are told apart by the path.
	{"api.example", "/acme.v1.Orders/Get", "orders"},
	{"api.example", "/acme.v1.Orders/Export", "export"},
	{"api.example", "/acme.v1.Orders/ExportAll", "orders"},
	{"api.example", "/acme.v1.Users/Get", "users"},
	{"api.example", "/acme.v1.Sessions/Get", "users"},
	{"api.example", "/acme.v1.OrdersX/Get", "health"},
	{"api.example", "/grpc.health.v1.Health/Check", "health"},
	{"sessions.example", "/acme.v1.Sessions/Get", "users"},
	{"sessions.example", "/acme.v1.Orders/Get", "users"},
	// These are nobody's.
	{"example", "/acme.v1.SquareService/Square", ""},
	{"squareXexample", "/acme.v1.SquareService/Square", ""},
	{"asquare.example", "/acme.v1.SquareService/Square", ""},
	{"square.example.org", "/acme.v1.SquareService/Square", ""},
	{"internal.example", "/acme.v1.SquareService/Square", ""},
	{"no-host.example", "/NoHost/Add", ""},
}

func TestRoutesTraefik(t *testing.T) { t.Parallel(); testRoutes(t, generatedTraefik) }
func TestRoutesNginx(t *testing.T)   { t.Parallel(); testRoutes(t, generatedNginx) }
func TestRoutesHAProxy(t *testing.T) { t.Parallel(); testRoutes(t, generatedHAProxy) }
func TestRoutesCaddy(t *testing.T)   { t.Parallel(); testRoutes(t, generatedCaddy) }

func testRoutes(t *testing.T, p *proxy) {
	t.Helper()
	parameters := []string{"target=" + p.kind}
	addrs := make(map[string]string) // by the name of a backend
	for upstream, backend := range map[string]string{
		"upstream.acme.v1.SquareService": "square",
		"upstream.Cal":                   "cal",
		"upstream.acme.v1.Orders":        "orders",
		"upstream.acme.v1.Orders.Export": "export",
		"upstream.acme.v1.Users":         "users",
		"upstream.acme.v1.Sessions":      "users",
		"host_upstream.api.example":      "health",
	} {
		if addrs[backend] == "" {
			addrs[backend] = startNamed(t, backend)
		}
		parameters = append(parameters, upstream+"="+addrs[backend])
	}
	conn := dial(t, startRoutes(t, p, parameters, "../../testdata/proxy",
		"hosts/square.proto", "hosts/calculator.proto", "shared/api.proto"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	for _, r := range routes {
		err := conn.Invoke(brief(t), r.path, new(emptypb.Empty), new(emptypb.Empty), gohost.Host(r.host))
		switch {
		case r.backend == "":
			checkCode(t, r.host+r.path, err, codes.Unimplemented)
		case status.Code(err) != codes.Aborted || status.Convert(err).Message() != r.backend:
			t.Errorf("%s%s: %v, want the backend %s", r.host, r.path, err, r.backend)
		}
	}
}

// startRoutes starts p with what is generated for files, and returns its address.
func startRoutes(t *testing.T, p *proxy, parameters []string, dir string, files ...string) string {
	t.Helper()
	w := &world{proxy: p, places: places{dir: t.TempDir(), plain: proc.Addr(t), tls: proc.Addr(t)}}
	cmd := p.command(p.program(t), w.dir)
	if p.kind != traefik.kind {
		parameters = append(parameters, "listen="+w.plain)
	}
	w.configure(t, p.files, nil)
	write(t, filepath.Join(w.dir, p.generated), proxyconfig.Generate(t, parameters, dir, files...))
	w.Process = proc.Start(t, cmd, w.plain)
	if p.routes != nil {
		proc.Wait(t, p.kind+" to have its routes", func() bool { return p.routes(w.plain) })
	}
	return w.plain
}

// startNamed starts a backend that answers every call by its name, and returns
// its address.
func startNamed(t *testing.T, name string, opts ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(append(opts, grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Aborted, name)
	}))...)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}
