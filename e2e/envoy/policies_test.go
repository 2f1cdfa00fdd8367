package envoy

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

// crd returns the CRD of BackendTrafficPolicies from the module of Envoy Gateway,
// without the condition of its chart.
func crd(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/envoyproxy/gateway")
	cmd.Dir, cmd.Stderr = "egctl", os.Stderr
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	text := readFile(t, filepath.Join(strings.TrimSpace(string(dir)), "charts", "gateway-crds-helm", "templates", "generated", "gateway.envoyproxy.io_backendtrafficpolicies.yaml"))
	_, text, _ = strings.Cut(text, "\n---\n")
	text, _, _ = strings.Cut(text, "\n{{- end }}")
	return text
}

// An API server accepts the policies of the golden files by the rules of their CRD, and
// rejects an unknown field.
func TestPoliciesAreTaken(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	api := kube.StartReal(t)
	api.Apply(t, crd(t), "apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n")
	_, policies, _ := strings.Cut(readFile(t, routecases.Dir+"/canary/gateway-api.yaml"), "---\napiVersion: gateway.envoyproxy.io/v1alpha1\n")
	policies = "apiVersion: gateway.envoyproxy.io/v1alpha1\n" + policies
	if n := strings.Count(policies, "kind: BackendTrafficPolicy"); n != 2 {
		t.Fatalf("%d policies:\n%s", n, policies)
	}
	for _, test := range []struct{ old, new, err string }{
		{"{requestTimeout: 0s}", "{streamTimeout: 0s}", "spec.timeout.http.streamTimeout"},
		{"type: GRPC", "type: HTTP", "http field needs to be set"},
		{"mergeType: StrategicMerge", "mergeType: Replace", "Replace is not a valid MergeType"},
	} {
		if err := api.Check(t, strings.Replace(policies, test.old, test.new, 1)); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error = %v, want one with %q", test.new, err, test.err)
		}
	}
	api.Apply(t, policies)
}
