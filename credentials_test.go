package gohost_test

import (
	"context"
	"crypto/tls"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/certificate"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// startTLS starts a server of squares at "proxy.example" with that
// configuration.
func startTLS(t *testing.T, config *tls.Config) (*server, *bufconn.Listener) {
	t.Helper()
	s := new(server)
	return s, inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) },
		grpc.Creds(credentials.NewTLS(config)))
}

func dialTLS(t *testing.T, listener *bufconn.Listener, creds credentials.TransportCredentials) squares.SquareServiceStub {
	t.Helper()
	return squares.NewSquareServiceStub(inmemory.Dial(t, listener, grpc.WithTransportCredentials(creds), grpc.WithAuthority("proxy.example")))
}

func host(h string) grpc.CallOption { return grpc.CallAuthority(h) }

// The certificate of the server may or may not name the hosts.
func TestTLS(t *testing.T) {
	t.Parallel()
	ca := certificate.NewAuthority(t)
	s, listener := startTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, "proxy.example", "square.example", "*.wild.example")}})
	stub := dialTLS(t, listener, credentials.NewTLS(&tls.Config{RootCAs: ca.Pool}))
	for _, h := range []string{"square.example", "square.example:443", "a.wild.example", "proxy.example"} {
		checkAnswers(t, stub.With(host(h)), 0)
		checkSeen(t, s, h)
	}
	for _, h := range []string{"other.example", "a.b.wild.example", "wild.example", "127.0.0.1"} {
		for _, err := range checkCodes(t, stub.With(host(h)), codes.Unavailable, "failed to validate authority") {
			if text := err.Error(); !strings.Contains(text, h) || !strings.Contains(text, "certificate") ||
				!strings.HasSuffix(text, "(host "+h+"): gohost.Credentials accepts a host that is not in the certificate") {
				t.Errorf("error = %v: it does not say which name is not in the certificate, or what helps", err)
			}
		}
	}
	checkCodes(t, stub.With(host("other.example")), codes.Unavailable,
		"certificate is valid for proxy.example, square.example, *.wild.example, not other.example")
	checkAnswers(t, stub, 0) // the connection still works
	checkSeen(t, s, "square.example")
}

// The certificate names only the proxy, and Credentials lists the hosts.
func TestCredentials(t *testing.T) {
	t.Parallel()
	ca := certificate.NewAuthority(t)
	var mu sync.Mutex
	var names []string // of the handshakes
	s, listener := startTLS(t, &tls.Config{
		Certificates: []tls.Certificate{ca.Issue(t, "proxy.example")},
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			mu.Lock()
			defer mu.Unlock()
			names = append(names, hello.ServerName)
			return nil, nil
		},
	})
	plain := credentials.NewTLS(&tls.Config{RootCAs: ca.Pool})
	creds := accept(t, plain, "Square.example", "*.tenants.example", "127.0.0.1", "[::1]")
	stub := dialTLS(t, listener, creds.Clone())
	for _, h := range []string{"square.example", "SQUARE.example:443", "a.tenants.example", "a.b.tenants.example", "127.0.0.1:80", "[::1]:80", "proxy.example"} {
		checkAnswers(t, stub.With(host(h)), 0)
		checkSeen(t, s, h)
	}
	checkCodes(t, stub.With(host("other.example")), codes.Unavailable,
		"certificate is valid for proxy.example, not other.example; it is not one of the hosts given to gohost.Credentials either")
	checkCodes(t, stub.With(host("tenants.example")), codes.Unavailable, "it is not one of the hosts")
	if len(names) != 1 || names[0] != "proxy.example" {
		t.Errorf("the handshakes were with %q, want proxy.example once", names)
	}
	if got := creds.Info().SecurityProtocol; got != "tls" {
		t.Errorf("Info = %s, want tls", got)
	}

	// Everything else is still checked: this certificate is for another host.
	_, imposter := startTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, "imposter.example")}})
	checkCodes(t, dialTLS(t, imposter, creds), codes.Unavailable, "certificate is valid for imposter.example, not proxy.example")
	_, stranger := startTLS(t, &tls.Config{Certificates: []tls.Certificate{certificate.NewAuthority(t).Issue(t, "proxy.example")}})
	checkCodes(t, dialTLS(t, stranger, creds), codes.Unavailable, "certificate signed by unknown authority")
}

// Invalid hosts are an error of Credentials, and not of each handshake.
func TestCredentialsRefusesInvalidHosts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		creds credentials.TransportCredentials
		hosts []string
		want  []string
	}{
		"hosts":          {credentials.NewTLS(nil), []string{"a b", "square.example", "*"}, []string{`gohost.Credentials: invalid host "a b"`, `invalid host "*"`}},
		"no credentials": {nil, []string{"square.example"}, []string{"gohost.Credentials: the credentials are nil"}},
		"neither":        {nil, []string{"a b"}, []string{"gohost.Credentials: the credentials are nil", `invalid host "a b"`}},
	} {
		creds, err := gohost.Credentials(test.creds, gohost.AlsoAccept(test.hosts...))
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error = %v, want one with %s", name, err, want)
			}
		}
		if creds != nil {
			t.Errorf("%s: Credentials = %v beside an error", name, creds)
		}
	}
}

// accept returns Credentials that accept hosts.
func accept(t *testing.T, creds credentials.TransportCredentials, hosts ...string) credentials.TransportCredentials {
	t.Helper()
	creds, err := gohost.Credentials(creds, gohost.AlsoAccept(hosts...))
	if err != nil {
		t.Fatal(err)
	}
	return creds
}

// The host is checked even if the certificate is not verified.
func TestInsecureSkipVerify(t *testing.T) {
	t.Parallel()
	ca := certificate.NewAuthority(t)
	s, listener := startTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, "proxy.example")}})
	plain := credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}) //nolint:gosec // this is what is tested
	checkCodes(t, dialTLS(t, listener, plain), codes.Unavailable, "certificate is valid for proxy.example, not square.example")
	checkAnswers(t, dialTLS(t, listener, plain).With(host("")), 0)
	checkSeen(t, s, "proxy.example")
	checkAnswers(t, dialTLS(t, listener, accept(t, plain, "square.example")), 0)
	checkSeen(t, s, "square.example")
}

// Certificates on both sides, per-RPC credentials and the peer work.
func TestMutualTLS(t *testing.T) {
	t.Parallel()
	ca := certificate.NewAuthority(t)
	s := new(server)
	var client string
	listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) },
		grpc.Creds(credentials.NewTLS(&tls.Config{
			Certificates: []tls.Certificate{ca.Issue(t, "proxy.example")}, ClientCAs: ca.Pool, ClientAuth: tls.RequireAndVerifyClientCert,
		})),
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			p, _ := peer.FromContext(ctx)
			client = p.AuthInfo.(credentials.TLSInfo).State.PeerCertificates[0].DNSNames[0]
			return handler(ctx, req)
		}))
	config := &tls.Config{RootCAs: ca.Pool, Certificates: []tls.Certificate{ca.Issue(t, "client.example")}}
	stub := dialTLS(t, listener, accept(t, credentials.NewTLS(config), "square.example"))
	var p peer.Peer
	checkAnswers(t, stub.With(grpc.Peer(&p), grpc.PerRPCCredentials(token{})), 0)
	checkSeen(t, s, "square.example")
	if client != "client.example" {
		t.Errorf("the server has seen %q, want client.example", client)
	}
	wrapper, ok := p.AuthInfo.(interface{ Unwrap() credentials.AuthInfo })
	if !ok {
		t.Fatalf("AuthInfo = %T, which cannot be unwrapped", p.AuthInfo)
	}
	if info, ok := wrapper.Unwrap().(credentials.TLSInfo); !ok || info.State.PeerCertificates[0].DNSNames[0] != "proxy.example" {
		t.Errorf("AuthInfo = %v, want that of TLS", info)
	}
	if value, ok := p.AuthInfo.(credentials.ChannelzSecurityInfo).GetSecurityValue().(*credentials.TLSChannelzSecurityValue); !ok || value.StandardName == "" {
		t.Errorf("channelz shows %v", value)
	}

	without := dialTLS(t, listener, accept(t, credentials.NewTLS(&tls.Config{RootCAs: ca.Pool}), "square.example"))
	_, errs := callAll(t.Context(), without)
	for i, err := range errs {
		if status.Code(err) != codes.Unavailable {
			t.Errorf("call %d: %v, want Unavailable without a certificate", i, err)
		}
	}
}

// token is a per-RPC credential that requires a secure connection.
type token struct{}

func (token) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "token"}, nil
}
func (token) RequireTransportSecurity() bool { return true }
