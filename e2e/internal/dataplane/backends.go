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

// Backends are servers, one for each address in a configuration. Each answers every
// call with its name.
type Backends struct {
	// Names are the names of backends by address. The default is the first label of the
	// host.
	Names map[string]string
	// Certified are the names in the certificates of backends with TLS, by address. The
	// certificates are self-signed and trusted.
	Certified map[string]string

	tb      testing.TB
	ca      string            // the file with all certificates
	started map[string]string // their real addresses, by the configured ones
}

// NewBackends returns backends. None is started yet.
func NewBackends(tb testing.TB) *Backends {
	tb.Helper()
	ca := filepath.Join(tb.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, nil, 0o600); err != nil {
		tb.Fatal(err)
	}
	return &Backends{Names: make(map[string]string), Certified: make(map[string]string), tb: tb, ca: ca, started: make(map[string]string)}
}

// at starts the server for an address, and returns its real address.
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

// Certify gives the backends of e the certificates that e requires.
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

// credentials returns credentials with a new certificate for host.
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

// replace replaces the address of e by that of its backend.
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

// address returns the address of e.
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
