package kubernetes

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
	"github.com/gohostrpc/gohost/internal/certificate"
)

// startTraefik starts Traefik with an entry point web at addr and other arguments, and
// returns a connection to it.
func startTraefik(t *testing.T, addr string, creds credentials.TransportCredentials, args ...string) *grpc.ClientConn {
	t.Helper()
	cmd := exec.Command(proc.Traefik(t), append([]string{
		"--entrypoints.web.address=" + addr,
		// The headers of the generated files ask for these.
		"--entrypoints.web.transport.respondingtimeouts.readtimeout=0",
		"--entrypoints.web.http2.maxconcurrentstreams=1000",
		"--providers.providersthrottleduration=100ms",
		"--global.checknewversion=false", "--global.sendanonymoususage=false",
		"--log.nocolor=true",
	}, args...)...)
	cmd.Dir = t.TempDir()
	proc.Start(t, cmd, addr)
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing to lose
	return conn
}

// provider returns the arguments with which a provider of Traefik reads from api.
func provider(name string, api kube.API) []string {
	args := []string{"--providers." + name + "=true", "--providers." + name + ".endpoint=" + api.URL, "--providers." + name + ".token=" + api.Token}
	if api.CA != "" {
		args = append(args, "--providers."+name+".certauthfilepath="+api.CA)
	}
	return args
}

// waitRoutes waits until a call of each golden case reaches a backend.
func waitRoutes(t *testing.T, conn *grpc.ClientConn) {
	t.Helper()
	for golden := range goldens {
		c := routecases.Of(golden)[0]
		proc.Wait(t, "the routes of "+golden, func() bool {
			backend, err := c.Call(t.Context(), conn)
			return err == nil && backend != ""
		})
	}
}

// environment returns the objects that must exist before the generated ones: a Gateway
// that listens on addr, and classes.
func environment(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: traefik}
spec: {controllerName: traefik.io/gateway-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec:
  gatewayClassName: traefik
  listeners:
    - {name: web, port: %s, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
`, port)
}

// clientCertificate returns a Secret with a certificate for hosts, and credentials that
// trust it.
func clientCertificate(t *testing.T, name string, hosts ...string) (secret string, creds credentials.TransportCredentials) {
	t.Helper()
	cert, key := certificate.SelfSigned(t, append(hosts, "127.0.0.1")...)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(cert))
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	return fmt.Sprintf("---\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: %s, namespace: %s}\ndata: {tls.crt: %s, tls.key: %s}\n",
		name, namespace, encode(cert), encode(key)), credentials.NewTLS(&tls.Config{RootCAs: pool})
}

// credentials returns the credentials of clients of g, and the Secret that g needs.
func (g target) credentials(t *testing.T, name string, hosts ...string) (secret string, creds credentials.TransportCredentials) {
	t.Helper()
	if g.clientTLS {
		return clientCertificate(t, name, hosts...)
	}
	return "", insecure.NewCredentials()
}

// hosts returns the hosts of all cases, without duplicates.
func hosts() []string {
	var hosts []string
	for _, c := range routecases.All {
		host, _, _ := strings.Cut(strings.ToLower(c.Host), ":")
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}
