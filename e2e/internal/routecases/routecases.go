// Package routecases has calls, each with the backend that it must reach, for any
// router. The services are those of the golden cases hosts, shared and methods. A
// backend has the name of its Service in the goldens for Kubernetes. A test may use the
// goldens unchanged, or generate its own configuration with Parameters.
package routecases

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/gohostrpc/gohost"
)

// Case is a call with the backend that it must reach.
type Case struct {
	Golden  string // the golden case that has the service
	Host    string
	Path    string
	Backend string // "" if no service has the host: the call gets Unimplemented
}

// All are all cases.
var All = []Case{
	{"hosts", "square.example", "/acme.v1.SquareService/Square", "square-service"},
	{"hosts", "square.example", "/grpc.health.v1.Health/Check", "square-service"},
	{"hosts", "SQUARE.Example", "/acme.v1.SquareService/Square", "square-service"},
	{"hosts", "square.example:8080", "/acme.v1.SquareService/Square", "square-service"},
	{"hosts", "square.internal.example", "/acme.v1.SquareService/Square", "square-service"},
	{"hosts", "a.square.example", "/acme.v1.SquareService/Square", "square-service"},
	{"hosts", "a.b.square.example", "/acme.v1.SquareService/Square", "square-service"},
	{"hosts", "A.b.Square.example:1", "/acme.v1.SquareService/Square", "square-service"},
	{"hosts", "bulk.square.example", "/acme.v1.SquareService/Bulk", "square-service"},
	{"hosts", "bulk.square.example", "/grpc.health.v1.Health/Check", "square-service"},
	{"hosts", "a.eu.square.internal.example", "/acme.v1.SquareService/Square", "square-service"},
	{"hosts", "a-name-for-which-nginx-has-no-room-in.its-hash-of-server-names.example", "/acme.v1.SquareService/Square", "square-service"},
	// A host wins over a wildcard, and a longer wildcard over a shorter one.
	{"hosts", "cal.example", "/Cal/Add", "cal"},
	{"hosts", "cal.square.example", "/Cal/Add", "cal"},
	{"hosts", "cal.square.example", "/acme.v1.SquareService/Square", "cal"},
	{"hosts", "a.eu.square.example", "/Cal/Add", "cal"},
	{"hosts", "a.eu.square.example", "/acme.v1.SquareService/Square", "cal"},
	{"hosts", "eu.square.example", "/Cal/Add", "square-service"},
	// Services that share a host are distinguished by the path.
	{"shared", "api.example", "/acme.v1.Orders/Get", "orders"},
	{"shared", "api.example", "/acme.v1.Orders/Export", "orders-export"},
	{"shared", "api.example", "/acme.v1.Orders/ExportAll", "orders"},
	{"shared", "api.example", "/acme.v1.Users/Get", "users"},
	{"shared", "api.example", "/acme.v1.Sessions/Get", "users"},
	{"shared", "api.example", "/acme.v1.OrdersX/Get", "health"},
	{"shared", "api.example", "/grpc.health.v1.Health/Check", "health"},
	{"shared", "sessions.example", "/acme.v1.Sessions/Get", "users"},
	{"shared", "sessions.example", "/acme.v1.Orders/Get", "users"},
	// A method's own route is only for that method.
	{"methods", "catalog.example", "/acme.catalog.v1.Catalog/Get", "catalog-get"},
	{"methods", "catalog.example", "/acme.catalog.v1.Catalog/GetAll", "catalog"},
	{"methods", "catalog.example", "/acme.catalog.v1.Catalog/Watch", "catalog-watch"},
	{"methods", "catalog.example", "/acme.catalog.v1.Catalog/WatchAll", "catalog"},
	{"methods", "a.catalog.example", "/acme.catalog.v1.Catalog/Get", "catalog-get"},
	{"methods", "a.catalog.example", "/acme.catalog.v1.Catalog/GetAll", "catalog"},
	{"methods", "a.catalog.example", "/grpc.health.v1.Health/Check", "catalog"},
	// The host decides before the path does.
	{"methods", "archive.catalog.example", "/acme.catalog.v1.Archive/Get", "archive"},
	{"methods", "archive.catalog.example", "/acme.catalog.v1.Catalog/Get", "archive"},
	{"methods", "archive.catalog.example", "/acme.catalog.v1.Catalog/GetAll", "archive"},
	{"methods", "a.archive.catalog.example", "/acme.catalog.v1.Archive/Get", "archive"},
	{"methods", "a.archive.catalog.example", "/acme.catalog.v1.Catalog/Get", "archive"},
	{"methods", "a.archive.catalog.example", "/acme.catalog.v1.Catalog/Other", "archive"},
	// No service has these.
	{"hosts", "example", "/acme.v1.SquareService/Square", ""},
	{"hosts", "squareXexample", "/acme.v1.SquareService/Square", ""},
	{"hosts", "asquare.example", "/acme.v1.SquareService/Square", ""},
	{"hosts", "square.example.org", "/acme.v1.SquareService/Square", ""},
	{"hosts", "internal.example", "/acme.v1.SquareService/Square", ""},
	{"hosts", "no-host.example", "/NoHost/Add", ""},
}

// Dir is the folder of Files, relative to a folder of e2e.
const Dir = "../../testdata/proxy"

// Files are the files of the services.
var Files = []string{"hosts/square.proto", "hosts/calculator.proto", "shared/api.proto", "methods/catalog.proto"}

// upstreams are the parameters that name an upstream, with their backends.
var upstreams = []struct{ parameter, backend string }{
	{"upstream.acme.v1.SquareService", "square-service"},
	{"upstream.Cal", "cal"},
	{"upstream.acme.v1.Orders", "orders"},
	{"upstream.acme.v1.Orders.Export", "orders-export"},
	{"upstream.acme.v1.Users", "users"},
	{"upstream.acme.v1.Sessions", "users"},
	{"host_upstream.api.example", "health"},
	{"upstream.acme.catalog.v1.Catalog", "catalog"},
	{"upstream.acme.catalog.v1.Catalog.Get", "catalog-get"},
	{"upstream.acme.catalog.v1.Catalog.Watch", "catalog-watch"},
	{"upstream.acme.catalog.v1.Archive", "archive"},
}

// Backends returns the names of all backends, without duplicates.
func Backends() []string {
	var names []string
	for _, u := range upstreams {
		if !slices.Contains(names, u.backend) {
			names = append(names, u.backend)
		}
	}
	return names
}

// Parameters returns the parameters of protoc-gen-gohost-proxy that route the services
// of Files to their backends. addrs has the backends' addresses by name:
// [https://]HOST:PORT.
func Parameters(addrs map[string]string) []string {
	var parameters []string
	for _, u := range upstreams {
		parameters = append(parameters, u.parameter+"="+addrs[u.backend])
	}
	return parameters
}

// StartAll starts all backends and returns their addresses by name.
func StartAll(tb testing.TB, opts ...grpc.ServerOption) map[string]string {
	tb.Helper()
	addrs := make(map[string]string)
	for _, name := range Backends() {
		addrs[name] = Start(tb, name, opts...)
	}
	return addrs
}

// Start starts a backend and returns its address on loopback. The backend answers every
// call with the error Aborted, whose text is its name.
func Start(tb testing.TB, name string, opts ...grpc.ServerOption) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	Serve(tb, name, listener, opts...)
	return listener.Addr().String()
}

// Serve is like Start, with a listener.
func Serve(tb testing.TB, name string, listener net.Listener, opts ...grpc.ServerOption) {
	tb.Helper()
	server := grpc.NewServer(append(opts, grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Aborted, name)
	}))...)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	tb.Cleanup(server.Stop)
}

// Call makes the call on a connection, with gohost.Host, and returns the name of the
// backend that it reached. It returns "" if the call got Unimplemented, which is
// correct if no service has the host. Any other result is an error.
func (c Case) Call(ctx context.Context, conn grpc.ClientConnInterface, opts ...grpc.CallOption) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	err := conn.Invoke(ctx, c.Path, new(emptypb.Empty), new(emptypb.Empty), append([]grpc.CallOption{gohost.Host(c.Host)}, opts...)...)
	switch status.Code(err) {
	case codes.Aborted:
		return status.Convert(err).Message(), nil
	case codes.Unimplemented:
		return "", nil
	}
	return "", err
}

// Check makes the calls. The test fails for each one that reaches the wrong backend.
func Check(tb testing.TB, conn grpc.ClientConnInterface, cases []Case) {
	tb.Helper()
	for _, c := range cases {
		switch backend, err := c.Call(tb.Context(), conn); {
		case err != nil:
			tb.Errorf("%s%s: error %v, want the backend %q", c.Host, c.Path, err, c.Backend)
		case backend != c.Backend:
			tb.Errorf("%s%s: the call reached %q, want %q", c.Host, c.Path, backend, c.Backend)
		}
	}
}

// Of returns the cases of the given goldens.
func Of(goldens ...string) []Case {
	return slices.DeleteFunc(slices.Clone(All), func(c Case) bool { return !slices.Contains(goldens, c.Golden) })
}
