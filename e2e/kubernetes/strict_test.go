package kubernetes

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

func TestRealGatewayAPI(t *testing.T)   { t.Parallel(); testReal(t, gatewayAPI) }
func TestRealTraefikCRD(t *testing.T)   { t.Parallel(); testReal(t, traefikCRD) }
func TestRealIngressNginx(t *testing.T) { t.Parallel(); testReal(t, ingressNginx) }

func TestRealGatewayAPIUpstreamTLS(t *testing.T) {
	t.Parallel()
	testReal(t, gatewayAPI.withUpstreamTLS())
}

func TestRealTraefikCRDUpstreamTLS(t *testing.T) {
	t.Parallel()
	testReal(t, traefikCRD.withUpstreamTLS().withClientTLS())
}

// testReal makes all calls through Traefik on a real API, which validates all objects:
// unknown fields, and the rules of the CRDs.
func testReal(t *testing.T, g target) {
	t.Helper()
	proc.Slow(t)
	r := startReal(t)
	w := g.world(t)
	r.Apply(t, w.environment)
	for _, b := range w.backends {
		r.Apply(t, b.service())
	}
	for _, text := range w.generated {
		if g.provider == ingressNginx.provider {
			// The real API does not accept endpoints on loopback.
			text = strings.ReplaceAll(text, "\n  annotations:\n", "\n  annotations:\n    nginx.ingress.kubernetes.io/service-upstream: \"true\"\n")
		}
		r.Apply(t, text)
	}
	args := append(provider(g.provider, r.API), g.args...)
	if g.provider != ingressNginx.provider {
		args = append(args, "--providers."+g.provider+".nativelbbydefault=true")
	}
	conn := startTraefik(t, w.addr, w.creds, args...)
	waitRoutes(t, conn)
	g.check(t, conn)
}

// startReal starts a real API with the CRDs and namespaces of the tests.
func startReal(t *testing.T) *kube.Real {
	t.Helper()
	r := kube.StartReal(t)
	var files []string
	for _, pattern := range []string{
		filepath.Join(moduleDir(t, "..", "sigs.k8s.io/gateway-api"), "config/crd/standard/*.yaml"),
		filepath.Join(moduleDir(t, "../traefik", "github.com/traefik/traefik/v3"), "docs/content/reference/dynamic-configuration/traefik.io_*.yaml"),
	} {
		matches, err := filepath.Glob(pattern)
		if err != nil || len(matches) == 0 {
			t.Fatalf("%s: no CRDs (%v)", pattern, err)
		}
		files = append(files, matches...)
	}
	r.ApplyFiles(t, files...)
	for _, name := range []string{namespace, "batch", "infra", "canary", "acme-billing-2-v1"} {
		r.Apply(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+name+"}\n")
	}
	return r
}

// moduleDir returns the folder of a module that the module in in requires.
func moduleDir(t *testing.T, in, module string) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module)
	cmd.Dir, cmd.Stderr = in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// The golden files themselves are valid in every field, too.
func TestRealTakesGoldens(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	r := startReal(t)
	for _, name := range []string{"gateway-api", "traefik-crd", "ingress-nginx"} {
		files, err := filepath.Glob(filepath.Join(routecases.Dir, "*", name+".yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no goldens (%v)", name, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for document := range strings.SplitSeq(string(text), "\n---\n") {
				if strings.Contains(document, "gateway.envoyproxy.io") {
					continue // a policy, whose CRD is not here
				}
				if err := r.Check(t, document); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}
	}
}

// A server that accepts everything would prove nothing.
func TestRealRefuses(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	r := startReal(t)
	right := gatewayAPI.generate(t, "methods")
	for what, change := range map[string][2]string{
		"unknown field":        {"  parentRefs:", "  parents: []\n  parentRefs:"},
		"path of another form": {"value: \"/acme", "value: \"acme"},
		"invalid port":         {"port: 50051", "port: 0"},
	} {
		text := strings.ReplaceAll(right, change[0], change[1])
		if text == right {
			t.Errorf("%s: the text does not contain %q", what, change[0])
		} else if err := r.Check(t, text); err == nil {
			t.Errorf("%s: the server accepted it", what)
		} else {
			t.Log(err)
		}
	}
}
