package proxies

import (
	"fmt"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

func TestNamesTraefik(t *testing.T) { t.Parallel(); testNames(t, generatedTraefik) }
func TestNamesNginx(t *testing.T)   { t.Parallel(); testNames(t, generatedNginx) }
func TestNamesHAProxy(t *testing.T) { t.Parallel(); testNames(t, generatedHAProxy) }
func TestNamesCaddy(t *testing.T)   { t.Parallel(); testNames(t, generatedCaddy) }

// testNames calls the services of names.proto. Each has its own backend.
func testNames(t *testing.T, p *proxy) {
	t.Helper()
	var cases []routecases.Case
	var parameters []string
	add := func(parameter, host, path string) {
		cases = append(cases, routecases.Case{Host: host, Path: path, Backend: parameter})
		parameters = append(parameters, parameter+"="+routecases.Start(t, parameter))
	}
	for service, host := range map[string]string{
		"from": "from.example", "if": "if.example", "unless": "unless.example", "default": "default.example",
		"defaults": "defaults.example", "global": "global.example", "listen": "listen.example", "server": "square.example",
		"unix": "unix.example", "localhost": "localhost.example", "backup": "backup", "MASTER": "master", "_": "underscore.example",
	} {
		add("upstream."+service, host, "/"+service+"/Get")
		cases = append(cases, routecases.Case{Host: host, Path: "/grpc.health.v1.Health/Check", Backend: "upstream." + service})
	}
	add("upstream.Foo", "case.example", "/Foo/get")
	add("upstream.Foo.Get", "case.example", "/Foo/Get")
	add("upstream.foo", "case.example", "/foo/Get")
	add("host_upstream.case.example", "case.example", "/FOO/Get")
	conn := dial(t, startRoutes(t, p, parameters, ".", "names.proto"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	routecases.Check(t, conn, cases)
	seen(t, fmt.Sprintf("%d calls arrived", len(cases)))
}
