package gohost_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/hosts"
)

// serveInMemory serves what register registers, and returns an option to dial
// it.
func serveInMemory(register func(*grpc.Server), opts ...grpc.ServerOption) (dial grpc.DialOption, stop func()) {
	listener := bufconn.Listen(1 << 16)
	server := grpc.NewServer(opts...)
	register(server)
	go server.Serve(listener) //nolint:errcheck // it returns when it is stopped
	return inmemory.Dialer(listener), server.Stop
}

// connect is grpc.NewClient for a server in memory.
func connect(opts ...grpc.DialOption) *grpc.ClientConn {
	conn, err := grpc.NewClient("passthrough:///proxy", append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		log.Fatal(err)
	}
	return conn
}

// tenant is the implementation for one tenant.
type tenant struct {
	hosts.UnimplementedTenants
	name string
}

func (t tenant) Who(ctx context.Context, _ *hosts.Empty) (*hosts.Text, error) {
	return &hosts.Text{Text: t.name + " at " + gohost.HostFromContext(ctx)}, nil
}

// One server has two implementations of a service, and chooses by the host of
// each call. One connection reaches both.
func Example() {
	var mux gohost.Mux
	hosts.RegisterTenants(&mux, tenant{name: "everybody"}) // at the hosts that the .proto declares
	hosts.RegisterTenants(mux.Host("a.tenants.example"), tenant{name: "a"})
	inMemory, stop := serveInMemory(func(s *grpc.Server) {
		if err := mux.Mount(s); err != nil {
			log.Fatal(err)
		}
	}, mux.ServerOption())
	defer stop()
	conn := connect(inMemory)
	defer conn.Close() //nolint:errcheck // all calls have ended

	tenants := hosts.NewTenantsStub(conn)
	for _, opts := range [][]grpc.CallOption{
		nil,
		{gohost.Host("A.tenants.example:443")},
		{gohost.Host("b.tenants.example")},
		{gohost.Host("nobody.example")},
		{gohost.Host("no host")},
	} {
		res, err := tenants.With(opts...).Who(context.Background(), &hosts.Empty{})
		fmt.Println(res.GetText(), err)
	}
	// Output:
	// everybody at tenants.example <nil>
	// a at a.tenants.example <nil>
	// everybody at b.tenants.example <nil>
	//  rpc error: code = Unimplemented desc = service hosts.Tenants is not served for host "nobody.example" (host nobody.example)
	//  rpc error: code = InvalidArgument desc = gohost: hosts.Tenants: invalid host "no host": it has the character ' ': a host is a DNS name, an IPv4 address or an [IPv6] address, with or without a :port
}

// The stubs of other generators know no host, so the connection names one.
func ExampleConn() {
	inMemory, stop := serveInMemory(func(s *grpc.Server) { healthpb.RegisterHealthServer(s, health.NewServer()) },
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			fmt.Println("server: asked for", gohost.HostFromContext(ctx))
			return handler(ctx, req)
		}))
	defer stop()
	conn := connect(inMemory)
	defer conn.Close() //nolint:errcheck // all calls have ended

	checks := healthpb.NewHealthClient(gohost.Conn(conn, "square.example"))
	res, err := checks.Check(context.Background(), &healthpb.HealthCheckRequest{})
	fmt.Println(res.GetStatus(), err)
	// Output:
	// server: asked for square.example
	// SERVING <nil>
}

// The proxy's certificate names proxy.example. Calls may also name two more hosts, and
// those of all tenants.
func ExampleCredentials() {
	creds, err := gohost.Credentials(credentials.NewTLS(nil), gohost.AlsoAccept("square.example", "feed.example", "*.tenants.example"))
	if err != nil { // it names the hosts that are invalid
		log.Fatal(err)
	}
	conn, err := grpc.NewClient("proxy.example:443", grpc.WithTransportCredentials(creds))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // nothing was sent

	_, err = gohost.Credentials(credentials.NewTLS(nil), gohost.AlsoAccept("feed.example:443"))
	fmt.Println(err)
	// Output: gohost.Credentials: invalid host "feed.example:443": it has a port: it is a host without a port such as "square.example" or, for all names below it, "*.square.example"
}

// A connection that many parts of a program share protects itself against invalid hosts,
// for which some proxies close the connection.
func ExampleUnaryGuard() {
	conn := connect(
		grpc.WithChainUnaryInterceptor(gohost.UnaryGuard),
		grpc.WithChainStreamInterceptor(gohost.StreamGuard))
	defer conn.Close() //nolint:errcheck // nothing was sent

	_, err := healthpb.NewHealthClient(conn).Check(context.Background(), &healthpb.HealthCheckRequest{},
		gohost.Host("square.example\nX-Evil: 1"))
	fmt.Println(status.Code(err))
	// Output: InvalidArgument
}

// Each tenant has its own stub.
func ExampleHost() {
	inMemory, stop := serveInMemory(func(s *grpc.Server) { hosts.RegisterTenants(s, tenant{name: "everybody"}) })
	defer stop()
	conn := connect(inMemory)
	defer conn.Close() //nolint:errcheck // all calls have ended

	tenants := hosts.NewTenantsStub(conn) // names the host that the .proto declares
	for _, name := range []string{"a", "b"} {
		res, err := tenants.With(gohost.Host(name+".tenants.example")).Who(context.Background(), &hosts.Empty{})
		fmt.Println(res.GetText(), err)
	}
	// Output:
	// everybody at a.tenants.example <nil>
	// everybody at b.tenants.example <nil>
}

// This program does not start with a mistake in GOHOST_HOSTS.
func ExampleCheckEnvironment() {
	defer setenv("GOHOST_HOSTS", "hosts.Tenant=tenants.staging.example")()
	err := gohost.CheckEnvironment(&hosts.TenantsHosts)
	fmt.Println(err)
	// Output: gohost.CheckEnvironment: environment variable GOHOST_HOSTS: entry "hosts.Tenant=tenants.staging.example": no service of this program matches: it has hosts.Tenants
}

// setenv sets an environment variable, and returns a function that resets it.
func setenv(key, value string) (reset func()) {
	before := os.Getenv(key)
	_ = os.Setenv(key, value)
	return func() { _ = os.Setenv(key, before) }
}

func ExampleHostFromContext() {
	inMemory, stop := serveInMemory(func(s *grpc.Server) { hosts.RegisterTenants(s, tenant{name: "everybody"}) })
	defer stop()
	conn := connect(inMemory)
	defer conn.Close() //nolint:errcheck // all calls have ended

	// The implementation answers with its name and gohost.HostFromContext(ctx).
	tenants := hosts.NewTenantsStub(conn).With(gohost.Host("A.Tenants.example:8443"))
	res, err := tenants.Who(context.Background(), &hosts.Empty{})
	fmt.Println(res.GetText(), err)
	// Output: everybody at a.tenants.example <nil>
}

// A server refuses a call for a host that is not its own.
func ExampleNewHostCheck() {
	check, err := gohost.NewHostCheck(gohost.CheckEnforce, gohost.AlsoAccept("localhost"))
	if err != nil {
		log.Fatal(err)
	}
	inMemory, stop := serveInMemory(func(s *grpc.Server) { hosts.RegisterTenants(s, tenant{name: "everybody"}) },
		grpc.ChainUnaryInterceptor(check.Unary), grpc.ChainStreamInterceptor(check.Stream))
	defer stop()
	conn := connect(inMemory)
	defer conn.Close() //nolint:errcheck // all calls have ended

	tenants := hosts.NewTenantsStub(conn)
	for _, host := range []string{"tenants.example", "localhost:50051", "feed.example"} {
		_, err := tenants.With(gohost.Host(host)).Who(context.Background(), &hosts.Empty{})
		fmt.Println(host, status.Code(err))
	}
	// Output:
	// tenants.example OK
	// localhost:50051 OK
	// feed.example Unimplemented
}

// A server that does not refuse yet: it logs the calls that CheckEnforce would refuse.
func ExampleWithLogger() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	check, err := gohost.NewHostCheck(gohost.CheckLog, gohost.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}
	inMemory, stop := serveInMemory(func(s *grpc.Server) { hosts.RegisterTenants(s, tenant{name: "everybody"}) },
		grpc.ChainUnaryInterceptor(check.Unary))
	defer stop()
	conn := connect(inMemory)
	defer conn.Close() //nolint:errcheck // all calls have ended

	res, err := hosts.NewTenantsStub(conn).With(gohost.Host("feed.example")).Who(context.Background(), &hosts.Empty{})
	fmt.Println(res.GetText(), err)
	// Output:
	// level=WARN msg="gohost: a call names a host that its service does not declare" method=/hosts.Tenants/Who host=feed.example declared="[tenants.example tenants.internal.example *.tenants.example watch.tenants.example]"
	// everybody at feed.example <nil>
}

// Two tenants have their own implementations, and all others share one.
func ExampleMux() {
	var mux gohost.Mux
	hosts.RegisterTenants(mux.Host("a.tenants.example", "a.example"), tenant{name: "a"})
	hosts.RegisterTenants(mux.Host("*.b.example"), tenant{name: "b"})
	hosts.RegisterTenants(mux.Default(), tenant{name: "everybody"})

	inMemory, stop := serveInMemory(func(s *grpc.Server) {
		if err := mux.Mount(s); err != nil { // for example two claims to one host
			log.Fatal(err)
		}
	}, mux.ServerOption())
	defer stop()
	conn := connect(inMemory)
	defer conn.Close() //nolint:errcheck // all calls have ended

	tenants := hosts.NewTenantsStub(conn)
	for _, host := range []string{"a.example", "x.b.example", "c.example"} {
		res, err := tenants.With(gohost.Host(host)).Who(context.Background(), &hosts.Empty{})
		fmt.Println(res.GetText(), err)
	}
	// Output:
	// a at a.example <nil>
	// b at x.b.example <nil>
	// everybody at c.example <nil>
}

// The program knows what the .proto files declare.
func ExampleLookup() {
	gohost.Declare(&hosts.TenantsHosts) // the Register functions do this
	service := gohost.Lookup(hosts.TenantsName)
	fmt.Println(service.Host, service.Aliases)
	fmt.Println(service.Accepts(hosts.Tenants_Who_Method, "a.tenants.example"))
	// Output:
	// tenants.example [tenants.internal.example *.tenants.example]
	// true
}
