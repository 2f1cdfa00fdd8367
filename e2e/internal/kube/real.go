package kube

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// Real is a kube-apiserver. It accepts an object only if all fields are valid, also by
// the rules of its CRD.
type Real struct {
	API
	client *http.Client
}

// ServiceRange is the range of the cluster IPs, which are loopback addresses: the
// server that listens on the cluster IP and port of a Service is its backend.
// EndpointSlices do not accept loopback addresses.
const ServiceRange = "127.64.0.0/16"

// StartReal starts a kube-apiserver with its own etcd. It must be called from a folder
// of e2e. The first call builds the server, which takes minutes.
func StartReal(tb testing.TB) *Real {
	tb.Helper()
	server, dir := proc.Built(tb, "../kubernetes/apiserver")[0], tb.TempDir()
	store := "http://" + proc.Addr(tb)
	proc.Start(tb, exec.Command(proc.Find(tb, "etcd", "apt-get install etcd-server"), "--data-dir="+filepath.Join(dir, "etcd"),
		"--listen-client-urls="+store, "--advertise-client-urls="+store, "--listen-peer-urls=http://"+proc.Addr(tb), "--unsafe-no-fsync"),
		strings.TrimPrefix(store, "http://"))

	addr, key, tokens := proc.Addr(tb), filepath.Join(dir, "key.pem"), filepath.Join(dir, "tokens.csv")
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		tb.Fatal(err)
	}
	write(tb, key, privateKey(tb))
	write(tb, tokens, "token,admin,admin,system:masters\n")
	proc.Start(tb, exec.Command(server, "--etcd-servers="+store, "--cert-dir="+dir, "--bind-address=127.0.0.1", "--secure-port="+port,
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file="+key, "--service-account-signing-key-file="+key,
		"--authorization-mode=AlwaysAllow", "--token-auth-file="+tokens, "--endpoint-reconciler-type=none",
		"--disable-admission-plugins=ServiceAccount", "--service-cluster-ip-range="+ServiceRange), addr)

	r := &Real{API: API{URL: "https://" + addr, Token: "token", CA: filepath.Join(dir, "apiserver.crt")}}
	certificate, err := os.ReadFile(r.CA)
	if err != nil {
		tb.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	r.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: 20 * time.Second}
	proc.Wait(tb, "kube-apiserver to be ready", func() bool {
		status, _, err := r.do(http.MethodGet, "/readyz", nil)
		return err == nil && status == http.StatusOK
	})
	return r
}

func privateKey(tb testing.TB) string {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

func write(tb testing.TB, path, content string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// do makes a request and returns the status and the body of the answer.
func (r *Real) do(method, path string, body []byte) (int, string, error) {
	req, err := http.NewRequest(method, r.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+r.Token)
	req.Header.Set("Content-Type", "application/yaml")
	res, err := r.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close() //nolint:errcheck // nothing to lose
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// create creates the objects of a YAML text, in its order. It returns the server's
// reason for rejecting one.
func (r *Real) create(tb testing.TB, text, query string) error {
	tb.Helper()
	for _, o := range parse(tb, text) {
		body, err := yaml.Marshal(o)
		if err != nil {
			tb.Fatal(err)
		}
		var status int
		var answer string
		proc.Wait(tb, o.String()+" to have a kind that is served", func() bool {
			status, answer, err = r.do(http.MethodPost, o.path()+"?fieldValidation=Strict"+query, body)
			return err != nil || status != http.StatusNotFound || strings.Contains(answer, "namespaces ")
		})
		if err != nil {
			return err
		}
		if status != http.StatusCreated {
			return fmt.Errorf("%v: HTTP status %d: %s", o, status, answer)
		}
	}
	return nil
}

// Check returns an error if the server would reject the objects of a YAML text.
func (r *Real) Check(tb testing.TB, text string) error {
	tb.Helper()
	return r.create(tb, text, "&dryRun=All")
}

// Apply creates the objects of YAML texts. The test fails if one is rejected.
func (r *Real) Apply(tb testing.TB, texts ...string) {
	tb.Helper()
	for _, text := range texts {
		if err := r.create(tb, text, ""); err != nil {
			tb.Fatal(err)
		}
	}
}

// ApplyFiles creates the objects of files, such as CRDs.
func (r *Real) ApplyFiles(tb testing.TB, paths ...string) {
	tb.Helper()
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		r.Apply(tb, string(text))
	}
}
