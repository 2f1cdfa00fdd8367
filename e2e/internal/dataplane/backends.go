package dataplane

import (
	"crypto/tls"
	"fmt"
	"iter"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

// Backends are servers, each in the place of an address that stands in a
// configuration. It answers every call by a name.
type Backends struct {
	// Names are those of the backends, by the address that they stand for. Where
	// there is none, it is the first label of the host.
	Names map[string]string
	// Certified is what a backend with TLS is called in its certificate, by the
	// address. It signs itself, and is believed.
	Certified map[string]string

	tb      testing.TB
	ca      string            // the file with all certificates
	started map[string]string // where they are, by the address
}

// NewBackends returns backends, of which none is started.
func NewBackends(tb testing.TB) *Backends {
	tb.Helper()
	ca := filepath.Join(tb.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, nil, 0o600); err != nil {
		tb.Fatal(err)
	}
	return &Backends{Names: make(map[string]string), Certified: make(map[string]string), tb: tb, ca: ca, started: make(map[string]string)}
}

// at starts the server in the place of an address, and returns where it is.
func (b *Backends) at(address string) string {
	b.tb.Helper()
	if b.started[address] != "" {
		return b.started[address]
	}
	var opts []grpc.ServerOption
	if host := b.Certified[address]; host != "" {
		opts = append(opts, grpc.Creds(b.credentials(host)))
	}
	name := b.Names[address]
	if name == "" {
		name, _, _ = strings.Cut(address, ".")
		name, _, _ = strings.Cut(name, ":")
	}
	b.started[address] = routecases.Start(b.tb, name, opts...)
	return b.started[address]
}

// Certify lets the backends of e have the certificates that e asks for.
func (b *Backends) Certify(e *Edge) {
	b.tb.Helper()
	for _, c := range e.Clusters {
		context := UpstreamTLS(b.tb, c)
		if context == nil {
			continue
		}
		for e := range all(c.GetLoadAssignment()) {
			b.Certified[address(e)] = context.GetSni()
		}
	}
}

// credentials returns those with a new certificate for host.
func (b *Backends) credentials(host string) credentials.TransportCredentials {
	b.tb.Helper()
	cert, key := certificate.SelfSigned(b.tb, host)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		b.tb.Fatal(err)
	}
	known, err := os.ReadFile(b.ca)
	if err != nil {
		b.tb.Fatal(err)
	}
	if err := os.WriteFile(b.ca, append(known, cert...), 0o600); err != nil {
		b.tb.Fatal(err)
	}
	return credentials.NewServerTLSFromCert(&pair)
}

// replace gives e the address of the backend in its place.
func (b *Backends) replace(e *endpoint.Endpoint) {
	b.tb.Helper()
	at, err := net.ResolveTCPAddr("tcp", b.at(address(e)))
	if err != nil {
		b.tb.Fatal(err)
	}
	socket := e.GetAddress().GetSocketAddress()
	socket.Address = at.IP.String()
	socket.PortSpecifier = &core.SocketAddress_PortValue{PortValue: uint32(at.Port)} //nolint:gosec // it is a port
}

// address returns where e is.
func address(e *endpoint.Endpoint) string {
	socket := e.GetAddress().GetSocketAddress()
	return net.JoinHostPort(socket.GetAddress(), fmt.Sprint(socket.GetPortValue()))
}

// all yields the endpoints of a cluster.
func all(endpoints *endpoint.ClusterLoadAssignment) iter.Seq[*endpoint.Endpoint] {
	return func(yield func(*endpoint.Endpoint) bool) {
		for _, locality := range endpoints.GetEndpoints() {
			for _, e := range locality.GetLbEndpoints() {
				if !yield(e.GetEndpoint()) {
					return
				}
			}
		}
	}
}
