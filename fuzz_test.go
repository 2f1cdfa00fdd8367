package gohost_test

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/hostname/hosttest"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// A host that the validator accepts arrives unchanged at a server of grpc, at
// one of net/http, and behind a reverse proxy of net/http. The stub does not
// send a host that it refuses.
func FuzzHostArrives(f *testing.F) {
	for _, host := range hosttest.Seeds() {
		f.Add(host)
	}
	s := new(server)
	direct, web := listenTCP(f), listenTCP(f)
	backend := grpc.NewServer()
	squares.RegisterSquareService(backend, s)
	f.Cleanup(backend.Stop)
	go backend.Serve(direct) //nolint:errcheck // it returns when it is stopped
	serveWeb(f, web, backend)
	behind := listenTCP(f)
	serveWeb(f, behind, reverseProxy(f, direct.Addr().String()))
	stubs := map[string]squares.SquareServiceStub{}
	for name, listener := range map[string]net.Listener{"grpc": direct, "net/http": web, "reverse proxy": behind} {
		conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { _ = conn.Close() })
		stubs[name] = squares.NewSquareServiceStub(conn)
	}

	f.Fuzz(func(t *testing.T, host string) {
		if host == "" {
			return // the authority of the channel
		}
		valid := hostname.Check(host) == nil
		for name, stub := range stubs {
			_, err := stub.With(grpc.CallAuthority(host)).Square(t.Context(), new(squares.Message))
			seen := s.seen()
			switch {
			case !valid && (status.Code(err) != codes.InvalidArgument || len(seen) > 0):
				t.Errorf("%s: %q: %v, the server has seen %q; want InvalidArgument", name, host, err, seen)
			case valid && (err != nil || len(seen) != 1 || seen[0] != host):
				t.Errorf("%s: %q: %v, the server has seen %q", name, host, err, seen)
			}
		}
	})
}

func listenTCP(tb testing.TB) net.Listener {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return listener
}

// serveWeb serves handler with net/http, over HTTP/2 without TLS.
func serveWeb(tb testing.TB, listener net.Listener, handler http.Handler) {
	tb.Helper()
	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	web := &http.Server{Handler: handler, Protocols: h2c}
	go web.Serve(listener) //nolint:errcheck // it returns when it is closed
	tb.Cleanup(func() { _ = web.Close() })
}

// reverseProxy returns a proxy in front of addr that keeps the host.
func reverseProxy(tb testing.TB, addr string) http.Handler {
	tb.Helper()
	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: h2c}
	tb.Cleanup(transport.CloseIdleConnections)
	return &httputil.ReverseProxy{Transport: transport, FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: addr})
		r.Out.Host = r.In.Host
	}}
}
