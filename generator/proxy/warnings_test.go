package proxy_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// A wildcard covers fewer hosts with ingress-nginx than elsewhere, and the warning has
// its place.
func TestIngressNginxWarnsOfWildcards(t *testing.T) {
	t.Parallel()
	options, err := os.ReadFile("../../proto/gohost/v1/options.proto")
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"ingress-nginx,tls_secret=a": "a.proto:2:13: warning: target ingress-nginx: host \"*.a.example\" stands for only one label there: calls to a host with more labels get Unimplemented\n",
		"traefik-crd":                "",
	} {
		req, err := plugintest.RequestFromSources("namespace=c,upstream=x:1,target="+target, map[string]string{
			"gohost/v1/options.proto": string(options),
			"a.proto":                 "syntax = \"proto3\"; import \"gohost/v1/options.proto\";\n" + service("S", "a.example", "*.a.example"),
		}, "a.proto")
		if err != nil {
			t.Fatal(err)
		}
		var warnings strings.Builder
		if res := proxy.Generate(req, &warnings); res.Error != nil {
			t.Errorf("%s: %s", target, res.GetError())
		}
		if warnings.String() != want {
			t.Errorf("%s: warnings %q, want %q", target, warnings.String(), want)
		}
	}
}
