package connscale_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/certificate"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/squares"
)

const byName = `{"loadBalancingConfig": [{"connscale": {}}]}`

// Credentials of connscale and of gohost may wrap each other. Both let a channel whose
// service config names the policy be scaled.
func TestCredentials(t *testing.T) {
	t.Parallel()
	type wrap func(*testing.T, credentials.TransportCredentials) credentials.TransportCredentials
	scaling := func(t *testing.T, creds credentials.TransportCredentials) credentials.TransportCredentials {
		t.Helper()
		creds, err := connscale.Credentials(creds)
		if err != nil {
			t.Fatal(err)
		}
		return creds
	}
	accepting := func(t *testing.T, creds credentials.TransportCredentials) credentials.TransportCredentials {
		t.Helper()
		creds, err := gohost.Credentials(creds, gohost.AlsoAccept("square.example"))
		if err != nil {
			t.Fatal(err)
		}
		return creds
	}
	tests := map[string]struct {
		wraps   []wrap // the innermost first
		accepts bool   // a host that the certificate does not name
		scales  bool   // without NewClient
	}{
		"none":                {nil, false, false},
		"gohost":              {[]wrap{accepting}, true, true},
		"connscale":           {[]wrap{scaling}, false, true},
		"gohost in connscale": {[]wrap{accepting, scaling}, true, true},
		"connscale in gohost": {[]wrap{scaling, accepting}, true, true},
		"twice":               {[]wrap{scaling, accepting, scaling, accepting}, true, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				authority := certificate.NewAuthority(t)
				cert := authority.Issue(t, "proxy.example")
				n.serve(t, "server", grpc.MaxConcurrentStreams(2), grpc.Creds(credentials.NewServerTLSFromCert(&cert)))
				creds := credentials.NewClientTLSFromCert(authority.Pool, "proxy.example")
				for _, w := range test.wraps {
					creds = w(t, creds).Clone()
				}
				client, err := connscale.NewClient("passthrough:///server", creds, connscale.Options{}, n.dialer())
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close() //nolint:errcheck // the test is over
				channel := n.byName(t, "passthrough:///server", creds, grpc.WithDefaultServiceConfig(byName))
				for name, cc := range map[string]*grpc.ClientConn{"NewClient": client.ClientConn, "by name": channel} {
					before := len(n.dialled())
					if scales := test.scales || name == "NewClient"; scales {
						hold(t, cc, 5)
						if got := len(n.dialled()) - before; got != 3 {
							t.Errorf("%s: %d connections for 5 streams of a server that allows 2, want 3", name, got)
						}
					}
					var p peer.Peer
					err := unary(t.Context(), cc, gohost.Host("square.example"), grpc.Peer(&p))
					if accepted := err == nil; accepted != test.accepts {
						t.Errorf("%s: a call with another host ends with %v", name, err)
					}
					if err := unary(t.Context(), gohost.Conn(cc, "other.example")); status.Code(err) != codes.Unavailable {
						t.Errorf("%s: a call with a host that the server does not have ends with %v", name, err)
					}
					if _, ok := unwrap(p.AuthInfo).(credentials.TLSInfo); test.accepts && !ok {
						t.Errorf("%s: the AuthInfo is a %T", name, p.AuthInfo)
					}
				}
				wantStreams(t, "NewClient", client, 2, 2, 1)
			})
		})
	}
}

func unwrap(info credentials.AuthInfo) credentials.AuthInfo {
	for {
		wrapper, ok := info.(interface{ Unwrap() credentials.AuthInfo })
		if !ok {
			return info
		}
		info = wrapper.Unwrap()
	}
}

// If the credentials do not see the server's limit, that of the service config applies,
// or 100.
func TestStreamLimit(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]int{
		byName: 100,
		`{"loadBalancingConfig": [{"connscale": {"streamLimit": 7}}]}`: 7,
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serve(t, "server")
				channel := n.byName(t, "passthrough:///server", insecure.NewCredentials(), grpc.WithDefaultServiceConfig(config))
				hold(t, channel, want)
				if got := len(n.dialled()); got != 1 {
					t.Errorf("%d connections for %d streams, want 1", got, want)
				}
				hold(t, channel, 1)
				if got := len(n.dialled()); got != 2 {
					t.Errorf("%d connections for one more, want 2", got)
				}
			})
		})
	}
}

func TestNilCredentials(t *testing.T) {
	t.Parallel()
	if _, err := connscale.Credentials(nil); err == nil || err.Error() != "connscale.Credentials: the credentials are nil" {
		t.Errorf("error %v", err)
	}
}

// xdsCredentials claim to be those of package xds.
type xdsCredentials struct {
	credentials.TransportCredentials
}

func (xdsCredentials) UsesXDS() bool                             { return true }
func (c xdsCredentials) Clone() credentials.TransportCredentials { return c }

// grpc's xDS balancers ask credentials whether they use xDS.
func TestCredentialsOfXDS(t *testing.T) {
	t.Parallel()
	for want, inner := range map[bool]credentials.TransportCredentials{true: xdsCredentials{insecure.NewCredentials()}, false: insecure.NewCredentials()} {
		creds, err := connscale.Credentials(inner)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []credentials.TransportCredentials{creds, creds.Clone()} {
			x, ok := c.(interface{ UsesXDS() bool })
			if got := ok && x.UsesXDS(); got != want {
				t.Errorf("UsesXDS is %v, want %v", got, want)
			}
		}
	}
}

// failing are credentials whose handshake always fails.
type failing struct {
	credentials.TransportCredentials
}

func (failing) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errRefused
}

func TestAHandshakeThatFails(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server")
		creds, err := connscale.Credentials(failing{insecure.NewCredentials()})
		if err != nil {
			t.Fatal(err)
		}
		channel := n.byName(t, "passthrough:///server", creds, grpc.WithDefaultServiceConfig(byName))
		wantError(t, "a call", unary(t.Context(), channel), codes.Unavailable,
			`connection error: desc = "transport: authentication handshake failed: connection refused"`)
	})
}

// seeing are credentials that record what a handshake makes of a connection.
type seeing struct {
	credentials.TransportCredentials
	conns chan net.Conn
}

func (s seeing) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := s.TransportCredentials.ClientHandshake(ctx, authority, conn)
	s.conns <- conn
	return conn, info, err
}

func (s seeing) Clone() credentials.TransportCredentials { return s }

// channelz shows the options of a socket if the connection gives access to it.
func TestSocketsAreSeen(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.MaxConcurrentStreams(1))
	squares.RegisterSquareService(server, square{})
	var served sync.WaitGroup
	served.Add(1)
	go func() {
		defer served.Done()
		server.Serve(listener) //nolint:errcheck // it returns when the test ends
	}()
	defer served.Wait()
	defer server.Stop()
	creds, err := connscale.Credentials(insecure.NewCredentials())
	if err != nil {
		t.Fatal(err)
	}
	saw := seeing{creds, make(chan net.Conn, 8)}
	channel, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(saw), grpc.WithDefaultServiceConfig(byName))
	if err != nil {
		t.Fatal(err)
	}
	defer channel.Close() //nolint:errcheck // the test is over
	for range 2 {
		s, err := open(t.Context(), channel)
		if err != nil {
			t.Fatal(err)
		}
		defer s.end()
		conn := <-saw.conns
		raw, ok := conn.(syscall.Conn)
		if !ok {
			t.Fatalf("a %T is not a syscall.Conn", conn)
		}
		if _, err := raw.SyscallConn(); err != nil {
			t.Error(err)
		}
	}
}

// Stubs, hosts, interceptors and stats handlers work as on a channel of grpc.
func TestEverythingElseIsAsItWas(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		var hosts sync.Map
		n.serve(t, "server", grpc.MaxConcurrentStreams(1), grpc.StreamInterceptor(
			func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
				hosts.Store(gohost.HostFromContext(stream.Context()), true)
				return handler(srv, stream)
			}))
		var seen inmemory.Open
		var intercepted atomic.Int64
		client := n.client(t, connscale.Options{}, grpc.WithStatsHandler(&seen), grpc.WithStreamInterceptor(
			func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
				intercepted.Add(1)
				return streamer(ctx, desc, cc, method, opts...)
			}))
		service := squares.NewSquareServiceStub(client).With(gohost.Host("tenant.example"))
		for _, err := range service.RangeSquare(t.Context(), &msg{}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range service.RangeSquare(t.Context(), &msg{}) {
				if err != nil {
					t.Fatal(err)
				}
				wantStreams(t, "two streams", client, 1, 1)
				break
			}
			break
		}
		if _, ok := hosts.Load("tenant.example"); !ok {
			t.Error("the server has not seen the host")
		}
		if got := intercepted.Load(); got != 2 {
			t.Errorf("the interceptor has seen %d calls, want 2", got)
		}
		if c, r := seen.Conns.Load(), seen.Calls.Load(); c != 2 || r != 0 {
			t.Errorf("the stats handler has counted %d open connections and %d open calls, want 2 and none", c, r)
		}
	})
}
