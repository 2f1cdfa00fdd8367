package gohost_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/hosts"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// registerMux registers mux with r.
func registerMux(t *testing.T, mux *gohost.Mux) func(grpc.ServiceRegistrar) {
	t.Helper()
	return func(r grpc.ServiceRegistrar) {
		if err := mux.Mount(r); err != nil {
			t.Fatal(err)
		}
	}
}

// aMux has five implementations of squares.
func aMux() *gohost.Mux {
	mux := new(gohost.Mux)
	squares.RegisterSquareService(mux, &server{number: 1}) // at square.example
	squares.RegisterSquareService(mux.Host("a.example", "B.example"), &server{number: 2})
	squares.RegisterSquareService(mux.Host("*.example"), &server{number: 3})
	squares.RegisterSquareService(mux.Host("*.deep.example"), &server{number: 4})
	squares.RegisterSquareService(mux.Default(), &server{number: 5})
	return mux
}

// ways are the ways to serve: with grpc's own HTTP/2 and with net/http's.
var ways = map[string]func(tb testing.TB, register func(grpc.ServiceRegistrar), opts ...grpc.ServerOption) *bufconn.Listener{
	"Serve":     inmemory.Serve,
	"ServeHTTP": serveHTTP,
}

func serveHTTP(tb testing.TB, register func(grpc.ServiceRegistrar), opts ...grpc.ServerOption) *bufconn.Listener {
	tb.Helper()
	s := grpc.NewServer(opts...)
	register(s)
	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	web := &http.Server{Handler: s, Protocols: h2c, ErrorLog: log.New(io.Discard, "", 0)}
	listener := bufconn.Listen(1 << 20)
	go web.Serve(listener) //nolint:errcheck // it returns when the test ends
	tb.Cleanup(func() { _ = web.Close() })
	return listener
}

func TestMuxChooses(t *testing.T) {
	t.Parallel()
	for way, serve := range ways {
		for name, option := range map[string]bool{"with": true, "without": false} {
			t.Run(way+" "+name+" the option", func(t *testing.T) {
				t.Parallel()
				mux := aMux()
				var opts []grpc.ServerOption
				if option {
					opts = append(opts, mux.ServerOption())
				}
				stub := squares.NewSquareServiceStub(inmemory.Dial(t, serve(t, registerMux(t, mux), opts...)))
				for host, want := range map[string]float64{
					"square.example": 1, "SQUARE.EXAMPLE:443": 1,
					"a.example": 2, "b.example": 2, "B.Example:80": 2,
					"c.example": 3, "x.a.example": 3, "deep.example": 3,
					"x.deep.example": 4, "y.x.deep.example": 4,
					"other.org": 5, "example": 5, "127.0.0.1:80": 5, "[::1]:80": 5,
				} {
					checkAnswers(t, stub.With(grpc.CallAuthority(host)), want)
				}
				checkAnswers(t, stub.With(grpc.CallAuthority("")), 5)
			})
		}
	}
}

// Without a default, calls for unknown hosts are refused.
func TestMuxRefuses(t *testing.T) {
	t.Parallel()
	for way, serve := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			mux := new(gohost.Mux)
			squares.RegisterSquareService(mux, &server{number: 1})
			stub := squares.NewSquareServiceStub(inmemory.Dial(t, serve(t, registerMux(t, mux), mux.ServerOption())))
			checkAnswers(t, stub, 1)
			for _, host := range []string{"other.example", "x.square.example", "127.0.0.1"} {
				for _, err := range checkCodes(t, stub.With(grpc.CallAuthority(host)), codes.Unimplemented, "is not served for host") {
					checkNotServed(t, err, host)
				}
			}
		})
	}
}

// A service is mounted at all hosts that it declares: its host, its aliases and
// those of its methods.
func TestMuxMountsWhatIsDeclared(t *testing.T) {
	t.Parallel()
	mux := new(gohost.Mux)
	hosts.RegisterTenants(mux, tenants{})
	hosts.RegisterTenantsAdmin(mux, tenants{})
	conn := inmemory.Connect(t, registerMux(t, mux), mux.ServerOption())
	for _, host := range []string{"tenants.example", "tenants.internal.example", "x.tenants.example", "watch.tenants.example"} {
		if _, err := hosts.NewTenantsStub(conn).With(grpc.CallAuthority(host)).Who(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := hosts.NewTenantsAdminStub(conn).Who(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if _, err := hosts.NewTenantsStub(conn).With(grpc.CallAuthority("tenants-admin.hosts.example")).Who(t.Context(), nil); err == nil {
		t.Error("a service is served for the host of another")
	}
}

// A method's own host, which no alias of the service covers, is served too. A
// host that a service declares twice does not conflict with itself.
func TestMuxMountsEachHostOnce(t *testing.T) {
	t.Parallel()
	const name = "hosts.Twice"
	gohost.Declare(&gohost.ServiceHosts{
		Name: name, Host: "s.example", Aliases: []string{"alias.example", "s.example", "*.s.example", "alias.example"},
		MethodHosts: []gohost.MethodHost{
			{FullName: hosts.Tenants_Watch_Method, Host: "bulk.example"},
			{FullName: "/hosts.Twice/A", Host: "bulk.example"},
			{FullName: "/hosts.Twice/B", Host: "s.example"},
			{FullName: "/hosts.Twice/C"},
		},
	})
	desc := hosts.TenantsDesc
	desc.ServiceName = name
	mux := new(gohost.Mux)
	mux.RegisterService(&desc, tenants{})
	if err := mux.Mount(grpc.NewServer()); err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"s.example": true, "alias.example": true, "x.s.example": true, "bulk.example": true, "other.example": false,
	} {
		if _, served := mux.Host(host).GetServiceInfo()[name]; served != want {
			t.Errorf("%s is served: %v, want %v", host, served, want)
		}
	}
	if _, served := mux.Default().GetServiceInfo()[name]; served {
		t.Error("a service that declares hosts is the default")
	}
}

type tenants struct{ hosts.UnimplementedTenants }

func (tenants) Who(ctx context.Context, _ *hosts.Empty) (*hosts.Text, error) {
	return &hosts.Text{Text: gohost.HostFromContext(ctx)}, nil
}

// Descriptions of protoc-gen-go-grpc are mounted in the same way, unary and streaming.
func TestMuxOfOtherDescriptions(t *testing.T) {
	t.Parallel()
	for way, serve := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			mux := new(gohost.Mux)
			for host, s := range map[string]healthpb.HealthCheckResponse_ServingStatus{
				"up.example": healthpb.HealthCheckResponse_SERVING, "down.example": healthpb.HealthCheckResponse_NOT_SERVING,
			} {
				h := health.NewServer()
				h.SetServingStatus("", s)
				healthpb.RegisterHealthServer(mux.Host(host), h)
			}
			conn := inmemory.Dial(t, serve(t, registerMux(t, mux), mux.ServerOption()))
			for host, want := range map[string]string{"up.example": "SERVING", "down.example": "NOT_SERVING"} {
				client := healthpb.NewHealthClient(gohost.Conn(conn, host))
				checked, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{})
				if err != nil || checked.GetStatus().String() != want {
					t.Errorf("%s: Check = %v, %v; want %s", host, checked, err, want)
				}
				watch, err := client.Watch(t.Context(), &healthpb.HealthCheckRequest{})
				if err != nil {
					t.Fatal(err)
				}
				watched, err := watch.Recv()
				if err != nil || watched.GetStatus().String() != want {
					t.Errorf("%s: Watch = %v, %v; want %s", host, watched, err, want)
				}
			}
		})
	}
}

// Several generators may describe the same service.
func TestMuxOfSeveralDescriptions(t *testing.T) {
	t.Parallel()
	mux := new(gohost.Mux)
	squares.RegisterSquareService(mux, &server{number: 1})
	other := squares.SquareServiceDesc
	other.HandlerType = (*any)(nil)
	other.Methods = []grpc.MethodDesc{{MethodName: "square", Handler: func(srv any, _ context.Context, _ func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		return &squares.Message{Message: float64(srv.(int))}, nil
	}}}
	other.Streams = slices.Clone(other.Streams)
	for i := range other.Streams {
		other.Streams[i].Handler = func(srv any, ss grpc.ServerStream) error {
			return ss.SendMsg(&squares.Message{Message: float64(srv.(int))})
		}
	}
	mux.Host("other.example").RegisterService(&other, 2)
	stub := squares.NewSquareServiceStub(inmemory.Connect(t, registerMux(t, mux), mux.ServerOption()))
	checkAnswers(t, stub, 1)
	checkAnswers(t, stub.With(grpc.CallAuthority("other.example")), 2)
}

// Interceptors see the implementation that has been chosen.
func TestMuxAndInterceptors(t *testing.T) {
	t.Parallel()
	for way, serve := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			mux := aMux()
			var seen []float64
			var mu sync.Mutex
			see := func(srv any) {
				mu.Lock()
				defer mu.Unlock()
				s, _ := srv.(*server)
				if s == nil {
					t.Errorf("the interceptor has seen %T", srv)
					return
				}
				seen = append(seen, s.number)
			}
			stub := squares.NewSquareServiceStub(inmemory.Dial(t, serve(t, registerMux(t, mux), mux.ServerOption(),
				grpc.UnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
					see(info.Server)
					return handler(ctx, req)
				}),
				grpc.ChainStreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
					see(srv)
					return handler(srv, ss)
				}, func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
					// The choice has been made, so an interceptor's changes of the
					// metadata do not matter.
					return handler(srv, withoutMetadata{ss})
				}))))
			checkAnswers(t, stub.With(grpc.CallAuthority("a.example")), 2)
			checkAnswers(t, stub.With(grpc.CallAuthority("c.example")), 3)
			if want := []float64{2, 2, 2, 2, 3, 3, 3, 3}; !slices.Equal(seen, want) {
				t.Errorf("interceptors have seen %v, want %v", seen, want)
			}
		})
	}
}

type withoutMetadata struct{ grpc.ServerStream }

func (s withoutMetadata) Context() context.Context {
	return metadata.NewIncomingContext(s.ServerStream.Context(), nil)
}

func TestMuxRefusesClaims(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		register func(*gohost.Mux)
		want     []string
	}{
		"one host twice": {func(m *gohost.Mux) {
			squares.RegisterSquareService(m.Host("a.example"), &server{})
			squares.RegisterSquareService(m.Host("b.example", "A.example"), &server{})
		}, []string{`service squarerpc_service.SquareService: host "a.example" is claimed by *gohost_test.server and by *gohost_test.server`}},
		"declared and explicit": {func(m *gohost.Mux) {
			squares.RegisterSquareService(m, &server{})
			squares.RegisterSquareService(m.Host("square.example"), &server{})
		}, []string{`host "square.example" is claimed`}},
		"one wildcard twice": {func(m *gohost.Mux) {
			squares.RegisterSquareService(m.Host("*.example"), &server{})
			squares.RegisterSquareService(m.Host("*.example"), &server{})
		}, []string{`host "*.example" is claimed`}},
		"two defaults": {func(m *gohost.Mux) {
			squares.RegisterSquareService(m.Default(), &server{})
			squares.RegisterSquareService(m.Default(), &server{})
		}, []string{`the default is claimed`}},
		"invalid hosts": {func(m *gohost.Mux) {
			squares.RegisterSquareService(m.Host("a b"), &server{})
			m.Host("*")
			m.Host()
		}, []string{`invalid host "a b"`, `invalid host "*"`, "Host needs at least one host"}},
		"no implementation": {func(m *gohost.Mux) {
			squares.RegisterSquareService(m, nil)
		}, []string{"the implementation is nil"}},
		"another implementation": {func(m *gohost.Mux) {
			m.RegisterService(&squares.SquareServiceDesc, 1)
		}, []string{"int does not implement squares.SquareService"}},
		"other methods": {func(m *gohost.Mux) {
			squares.RegisterSquareService(m.Host("a.example"), &server{})
			desc := squares.SquareServiceDesc
			desc.Streams = desc.Streams[1:]
			m.Host("b.example").RegisterService(&desc, &server{})
		}, []string{"*gohost_test.server has other methods"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := new(gohost.Mux)
			feed.RegisterRedisStream(mux, feed.UnimplementedRedisStream{})
			test.register(mux)
			s := grpc.NewServer()
			err := mux.Mount(s)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error = %v, want one with %s", err, want)
				}
			}
			if info := s.GetServiceInfo(); len(info) > 0 {
				t.Errorf("%v is registered in spite of the error", info)
			}
		})
	}
}

func TestHostFromContext(t *testing.T) {
	t.Parallel()
	if got := gohost.HostFromContext(t.Context()); got != "" {
		t.Errorf("HostFromContext = %q, want none", got)
	}
	for authority, want := range map[string]string{
		"a.example": "a.example", "A.Example:443": "a.example", "a.example.": "a.example", "[::1]:80": "[::1]",
		"": "", "a b": "", "a/b": "", "*.example": "", "u@a.example": "",
	} {
		ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs(":authority", authority))
		if got := gohost.HostFromContext(ctx); got != want {
			t.Errorf("%q: HostFromContext = %q, want %q", authority, got, want)
		}
	}
}
