package envoy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proxyconfig"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// generate returns the output for a golden case, the target gateway-api and the class,
// with the golden's own upstreams.
func generate(t *testing.T, golden, class string) string {
	t.Helper()
	parameters := []string{"target=gateway-api", "gateway_class=" + class}
	options := readFile(t, filepath.Join(routecases.Dir, golden, "options.txt"))
	for parameter := range strings.SplitSeq(strings.TrimSpace(options), ",") {
		name, _, _ := strings.Cut(parameter, "=")
		family, _, _ := strings.Cut(name, ".")
		if slices.Contains([]string{"upstream", "host_upstream", "host_template", "namespace", "gateway", "health_check"}, family) {
			parameters = append(parameters, parameter)
		}
	}
	entries, err := os.ReadDir(filepath.Join(routecases.Dir, golden))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".proto" {
			files = append(files, golden+"/"+e.Name())
		}
	}
	return proxyconfig.Generate(t, parameters, routecases.Dir, files...)
}

// surround returns the objects that routes in namespace apps need: a Gateway, and the
// Services. It adds the names of the Services' backends to b.
func surround(t *testing.T, text string, b *dataplane.Backends) string {
	t.Helper()
	namespaces := map[string]bool{"apps": true, "infra": true}
	var services strings.Builder
	for i, s := range kube.Services(t, text) {
		namespaces[s.Namespace] = true
		ip := fmt.Sprintf("10.0.0.%d", i+1)
		b.Names[fmt.Sprintf("%s:%d", ip, s.Port)] = s.Name
		services.WriteString(s.Objects(ip, ip))
	}
	gateway := "apps"
	if strings.Contains(text, `namespace: "infra"`) {
		gateway = "infra"
	}
	around := fmt.Sprintf(`
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: envoy}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: %s}
spec:
  gatewayClassName: envoy
  listeners: [{name: grpc, protocol: HTTP, port: 8080, allowedRoutes: {namespaces: {from: All}}}]
`, gateway)
	for _, namespace := range slices.Sorted(maps.Keys(namespaces)) {
		around += fmt.Sprintf("---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n", namespace)
		if namespace != "apps" {
			around += fmt.Sprintf(`---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: routes, namespace: %s}
spec:
  from: [{group: gateway.networking.k8s.io, kind: GRPCRoute, namespace: apps}]
  to: [{group: "", kind: Service}]
`, namespace)
		}
	}
	return around + services.String() + text[strings.Index(text, "---\n"):]
}
