package wires

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/gohostrpc/gohost/e2e/internal/samples"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// target is a server of the samples, as its clients see it.
type target struct {
	addr    string
	host    string               // the host that each call must name, or ""
	cert    *samples.Certificate // nil without TLS
	reports *samples.Reports
}

func (s target) url() string {
	if s.cert != nil {
		return "https://" + s.addr
	}
	return "http://" + s.addr
}

// saw waits until a handler has reported something for a case.
func (s target) saw(name, what string) error {
	for deadline := time.Now().Add(20 * time.Second); !s.reports.Has(name + ": " + what); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("the handler has not reported: " + what)
		}
	}
	return nil
}

// servers serve the samples, each until its test ends.
var servers = map[string]func(*testing.T, target) target{
	"gohostconnect": func(t *testing.T, s target) target {
		t.Helper()
		handler := gohostconnect.NewHandler(connectServer(s.reports))
		return serveHTTP(t, s, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Gohost", "here") // so that a proxy's own answers can be recognized
			handler.ServeHTTP(w, r)
		}))
	},
	"connect-go v2": func(t *testing.T, s target) target {
		t.Helper()
		server := connect.NewServer()
		registerV2(server, s.reports)
		mux := http.NewServeMux()
		connecthttp.Mount(mux, server)
		return serveHTTP(t, s, mux)
	},
	"grpc-go": serveGRPC,
}

// connectServer returns a server with the samples, as registered for grpc, health and
// reflection.
func connectServer(reports *samples.Reports) *connect.Server {
	server := connect.NewServer()
	registrar := gohostconnect.NewRegistrar(server)
	samples.Register(registrar, reports)
	registerHealth(registrar)
	reflection.Register(registrar)
	return server
}

func registerHealth(r grpc.ServiceRegistrar) {
	healthServer := health.NewServer()
	healthServer.SetServingStatus(squares.SquareServiceName, grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(r, healthServer)
}

// serveHTTP serves handler over all versions of HTTP.
func serveHTTP(t *testing.T, s target, handler http.Handler) target {
	t.Helper()
	listener := listen(t)
	s.addr = listener.Addr().String()
	server := &http.Server{Handler: handler, Protocols: protocols(1, 2), ErrorLog: log.New(t.Output(), "", 0)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var err error
		if s.cert != nil {
			err = server.ServeTLS(listener, s.cert.Cert, s.cert.Key)
		} else {
			err = server.Serve(listener)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		// Handlers that continue when their clients have left would delay it.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
			_ = server.Close()
		}
		<-ended
	})
	return s
}

func serveGRPC(t *testing.T, s target) target {
	t.Helper()
	listener := listen(t)
	s.addr = listener.Addr().String()
	creds := insecure.NewCredentials()
	if s.cert != nil {
		creds = s.cert.Server(t)
	}
	server := grpc.NewServer(grpc.Creds(creds))
	samples.Register(server, s.reports)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(server.Stop)
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// protocols returns versions of HTTP, with TLS or without.
func protocols(majors ...int) *http.Protocols {
	p := new(http.Protocols)
	for _, major := range majors {
		if major == 1 {
			p.SetHTTP1(true)
		} else {
			p.SetHTTP2(true)
			p.SetUnencryptedHTTP2(true)
		}
	}
	return p
}

// client returns a client for a version of HTTP.
func (s target) client(t *testing.T, major int) *http.Client {
	t.Helper()
	transport := &http.Transport{Protocols: protocols(major)}
	if s.cert != nil {
		pem, err := os.ReadFile(s.cert.Cert)
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
