package envoy

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/certificate"
)

// backends are servers, each in the place of an address that stands in a
// configuration, by which it answers every call.
type backends struct {
	t       *testing.T
	ca      string            // the file with all certificates
	started map[string]string // where they are, by the address
	secure  map[string]string // the name in the certificate, by the address; "" for any other
}

func newBackends(t *testing.T) *backends {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return &backends{t: t, ca: ca, started: make(map[string]string), secure: make(map[string]string)}
}

// at starts the server in the place of an address, and returns where it is.
func (b *backends) at(address string) string {
	b.t.Helper()
	if b.started[address] == "" {
		b.started[address] = b.start(address)
	}
	return b.started[address]
}

func (b *backends) start(name string) string {
	b.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	opts := []grpc.ServerOption{grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Aborted, name)
	})}
	if host := b.secure[name]; host != "" {
		opts = append(opts, grpc.Creds(b.credentials(host)))
	}
	server := grpc.NewServer(opts...)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	b.t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// credentials returns those with a new certificate for host, which signs itself.
func (b *backends) credentials(host string) credentials.TransportCredentials {
	b.t.Helper()
	cert, key := certificate.SelfSigned(b.t, host)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		b.t.Fatal(err)
	}
	file, err := os.OpenFile(b.ca, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // what it holds is written
	if _, err := file.WriteString(cert); err != nil {
		b.t.Fatal(err)
	}
	return credentials.NewServerTLSFromCert(&pair)
}
