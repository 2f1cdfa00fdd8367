package kubernetes

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// namespace is that of the generated objects.
const namespace = "default"

// goldens are the golden cases whose calls routecases.All holds, with the files of each.
var goldens = map[string][]string{
	"hosts":   {"hosts/square.proto", "hosts/calculator.proto"},
	"shared":  {"shared/api.proto"},
	"methods": {"methods/catalog.proto"},
}

// generate returns what is generated for a golden case, with its own parameters for
// hosts and upstreams, and others.
func generate(t *testing.T, golden string, parameters ...string) string {
	t.Helper()
	options, err := os.ReadFile(filepath.Join(routecases.Dir, golden, "options.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for parameter := range strings.SplitSeq(strings.TrimSpace(string(options)), ",") {
		name, _, _ := strings.Cut(parameter, "=")
		if family, _, _ := strings.Cut(name, "."); family == "upstream" || family == "host_upstream" || family == "host_template" {
			parameters = append(parameters, parameter)
		}
	}
	return proxyconfig.Generate(t, parameters, routecases.Dir, goldens[golden]...)
}

// backend is a Service.
type backend struct {
	namespace, name string
	port            int
	addr            string // where it listens
}

// startBackends starts a backend for each Service in the goldens.
func startBackends(t *testing.T, opts ...grpc.ServerOption) []backend {
	t.Helper()
	var backends []backend
	for _, name := range routecases.Backends() {
		b := backend{namespace: namespace, name: name, port: 50051, addr: routecases.Start(t, name, opts...)}
		switch name {
		case "orders-export":
			b.namespace, b.port = "batch", 50052
		case "health":
			b.port = 50053
		}
		backends = append(backends, b)
	}
	return backends
}

// objects returns the Service of b, with an endpoint where it listens, and what
// allows routes of another namespace to use it.
func (b backend) objects(t *testing.T) string {
	t.Helper()
	ip, port, err := net.SplitHostPort(b.addr)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: %[2]s}
spec:
  ports:
    - {name: grpc, port: %[3]d, protocol: TCP, appProtocol: kubernetes.io/h2c}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %[1]s-1, namespace: %[2]s, labels: {kubernetes.io/service-name: %[1]s}}
addressType: IPv4
ports:
  - {name: grpc, port: %[4]s, protocol: TCP}
endpoints:
  - {addresses: [%[5]s], conditions: {ready: true, serving: true}}
`, b.name, b.namespace, b.port, port, ip)
	if b.namespace != namespace {
		text += fmt.Sprintf(`---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: routes, namespace: %s}
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
