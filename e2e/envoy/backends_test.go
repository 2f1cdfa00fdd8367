package envoy

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

// backends are servers, each in the place of an address that stands in a
// configuration. It answers every call by a name, the one of that address.
type backends struct {
	t       *testing.T
	ca      string            // the file with all certificates
	started map[string]string // where they are, by the address
	secure  map[string]string // the name in the certificate, by the address
	names   map[string]string // by the address; the first label of its host is the name of any other
}

func newBackends(t *testing.T) *backends {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return &backends{t: t, ca: ca, started: make(map[string]string), secure: make(map[string]string),
		names: map[string]string{"127.0.0.1:50051": "cube", "[::1]:50051": "cube"}}
}

// at starts the server in the place of an address, and returns where it is.
func (b *backends) at(address string) string {
	b.t.Helper()
	if b.started[address] != "" {
		return b.started[address]
	}
	var opts []grpc.ServerOption
	if host := b.secure[address]; host != "" {
		opts = append(opts, grpc.Creds(b.credentials(host)))
	}
	b.started[address] = routecases.Start(b.t, b.name(address), opts...)
	return b.started[address]
}

func (b *backends) name(address string) string {
	if name, ok := b.names[address]; ok {
		return name
	}
	name, _, _ := strings.Cut(address, ".")
	name, _, _ = strings.Cut(name, ":")
	return name
}

// useTLS lets b have the certificates that e asks for.
func (b *backends) useTLS(e *edge) {
	b.t.Helper()
	for _, c := range e.clusters {
		if upstreamTLS(b.t, c) == nil {
			continue
		}
		for e := range all(c.GetLoadAssignment()) {
			host, _, err := net.SplitHostPort(address(e))
			if err != nil {
				b.t.Fatal(err)
			}
			b.secure[address(e)] = host
		}
	}
}

// credentials returns those with a new certificate for host, which signs itself.
func (b *backends) credentials(host string) credentials.TransportCredentials {
	b.t.Helper()
	cert, key := certificate.SelfSigned(b.t, host)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		b.t.Fatal(err)
	}
	known, err := os.ReadFile(b.ca)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(b.ca, append(known, cert...), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return credentials.NewServerTLSFromCert(&pair)
}
