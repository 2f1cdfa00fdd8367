package istio

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// The programs of Istio, in the order in which tools/build prints them.
const (
	istioctl = iota
	istiod
)

// crds returns the path of Istio's CRDs.
func crds(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio")
	cmd.Dir, cmd.Stderr = "tools", os.Stderr
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), "manifests", "charts", "base", "files", "crd-all.gen.yaml")
}

// startCluster starts an API server with Istio's CRDs and some namespaces.
func startCluster(t *testing.T, namespaces ...string) *kube.Real {
	t.Helper()
	api := kube.StartReal(t)
	api.ApplyFiles(t, crds(t))
	for _, name := range append(namespaces, "istio-system") {
		api.Apply(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+name+"}\n")
	}
	return api
}

// startIstiod starts istiod, which reads from api, and returns its address for data
// planes.
func startIstiod(t *testing.T, api *kube.Real) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(config, fmt.Appendf(nil, kubeconfig, api.URL, api.CA, api.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	web, discovery := proc.Addr(t), proc.Addr(t)
	cmd := exec.Command(proc.Built(t, "tools")[istiod], "discovery", "--kubeconfig="+config, "--httpAddr="+web, "--grpcAddr="+discovery,
		"--httpsAddr=", "--secureGRPCAddr=", "--monitoringAddr=", "--ctrlz_port=0")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "POD_NAMESPACE=istio-system", "POD_NAME=istiod")
	proc.Start(t, cmd, web, discovery)
	proc.Wait(t, "istiod to have read its objects", func() bool {
		res, err := http.Get("http://" + web + "/ready") //nolint:noctx // the wait is limited
		if err != nil {
			return false
		}
		res.Body.Close() //nolint:errcheck // nothing to lose
		return res.StatusCode == http.StatusOK
	})
	return discovery
}

const kubeconfig = `apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: "%s", certificate-authority: "%s"}}]
users: [{name: test, user: {token: "%s"}}]
`
