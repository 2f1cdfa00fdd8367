package kubernetes

import (
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// backend is a Service with one endpoint, which answers calls with the name of the
// Service.
type backend struct {
	namespace, name string
	port            int
	ip              string // its own loopback address
	tls             bool
}

// startBackends starts a backend for each Service in the goldens.
func startBackends(t *testing.T, g target, opts ...grpc.ServerOption) []backend {
	t.Helper()
	var backends []backend
	for _, name := range routecases.Backends() {
		b := backend{namespace: namespace, name: name, port: 50051, tls: g.upstreamTLS}
		switch name {
		case "orders-export":
			b.port = 50052
			if !g.oneNamespace {
				b.namespace = "batch"
			}
		case "health":
			b.port = 50053
		}
		b.ip = serve(t, name, b.port, opts...)
		backends = append(backends, b)
	}
	return backends
}

// serve starts a backend on a port of its own loopback address, and returns the
// address.
func serve(t *testing.T, name string, port int, opts ...grpc.ServerOption) string {
	t.Helper()
	listener := listen(t, port)
	routecases.Serve(t, name, listener, opts...)
	return listener.Addr().(*net.TCPAddr).IP.String()
}

// listen listens on a port of a loopback address that nothing else uses.
func listen(t *testing.T, port int) net.Listener {
	t.Helper()
	for range 100 {
		// From the range that a real API has for cluster IPs: see kube.ServiceRange.
		ip := fmt.Sprintf("127.64.%d.%d", rand.IntN(256), 1+rand.IntN(254))
		if listener, err := net.Listen("tcp", net.JoinHostPort(ip, fmt.Sprint(port))); err == nil {
			return listener
		}
	}
	t.Fatalf("port %d is not free on any address", port)
	return nil
}

// withTLS returns the option of a server with the certificate.
func withTLS(t *testing.T, cert, key string) grpc.ServerOption {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return grpc.Creds(credentials.NewServerTLSFromCert(&pair))
}

// service returns the Service of b, and a ReferenceGrant if routes are in another
// namespace.
func (b backend) service() string {
	protocol := "appProtocol: kubernetes.io/h2c"
	if b.tls {
		protocol = "appProtocol: https"
	}
	text := fmt.Sprintf(`---
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: %s}
spec:
  clusterIP: %s
  ports:
    - {name: grpc, port: %d, protocol: TCP, %s}
`, b.name, b.namespace, b.ip, b.port, protocol)
	if b.namespace != namespace {
		text += fmt.Sprintf(`---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: %[3]s, namespace: %[1]s}
spec:
  from:
    - {group: gateway.networking.k8s.io, kind: GRPCRoute, namespace: %s}
    - {group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: %[2]s}
  to:
    - {group: "", kind: Service, name: %s}
`, b.namespace, namespace, b.name)
	}
	return text
}

// endpoints returns the EndpointSlice of b. The real API does not accept loopback
// addresses.
func (b backend) endpoints() string {
	return fmt.Sprintf(`---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %[1]s-1, namespace: %[2]s, labels: {kubernetes.io/service-name: %[1]s}}
addressType: IPv4
ports:
  - {name: grpc, port: %[3]d, protocol: TCP}
endpoints:
  - {addresses: [%[4]s], conditions: {ready: true, serving: true}}
`, b.name, b.namespace, b.port, b.ip)
}

// configMap returns the ConfigMap upstream-ca with a certificate, in a namespace.
func configMap(namespace, cert string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: upstream-ca, namespace: %s}\ndata:\n  ca.crt: |\n    %s\n",
		namespace, strings.ReplaceAll(strings.TrimSpace(cert), "\n", "\n    "))
}
