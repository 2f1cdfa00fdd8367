package kubernetes

import (
	"fmt"
	"net"
	"os/exec"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/kube"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// traefik is a Traefik that reads its routes from an API.
type traefik struct {
	*proc.Process
	conn *grpc.ClientConn
}

// startTraefik starts Traefik with an entry point web at addr, and other arguments.
func startTraefik(t *testing.T, addr string, args ...string) traefik {
	t.Helper()
	cmd := exec.Command(proc.Traefik(t), append([]string{
		"--entrypoints.web.address=" + addr,
		"--providers.providersthrottleduration=100ms",
		"--global.checknewversion=false", "--global.sendanonymoususage=false",
	}, args...)...)
	cmd.Dir = t.TempDir()
	p := proc.Start(t, cmd, addr)
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing to lose
	return traefik{p, conn}
}

// provider returns the arguments that let a provider of Traefik read from api.
func provider(name string, api kube.API) []string {
	args := []string{"--providers." + name + "=true", "--providers." + name + ".endpoint=" + api.URL, "--providers." + name + ".token=" + api.Token}
	if api.CA != "" {
		args = append(args, "--providers."+name+".certauthfilepath="+api.CA)
	}
	return args
}

// waitRoutes waits until a call of each golden case arrives anywhere.
func (tr traefik) waitRoutes(t *testing.T) {
	t.Helper()
	for golden := range goldens {
		c := routecases.Of(golden)[0]
		proc.Wait(t, "the routes of "+golden, func() bool {
			backend, err := c.Call(t.Context(), tr.conn)
			return err != nil || backend != ""
		})
	}
}

// gateways returns the Gateways of the goldens, which listen at addr.
func gateways(t *testing.T, addr string) string {
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
`, port)
}
