// Package proxyconfig generates the configurations of proxies.
package proxyconfig

import (
	"io"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// Generate returns the one file that protoc-gen-gohost-proxy generates for files with
// the parameters. The files are in dir or in the folder of the test. The test must be
// in a folder of e2e, because the path to the options is relative.
func Generate(tb testing.TB, parameters []string, dir string, files ...string) string {
	tb.Helper()
	req, err := plugintest.Request(strings.Join(parameters, ","), []string{dir, "../../proto", "."}, files...)
	if err != nil {
		tb.Fatal(err)
	}
	res := proxy.Generate(req, io.Discard)
	if len(res.GetFile()) != 1 {
		tb.Fatalf("%d files: %s", len(res.GetFile()), res.GetError())
	}
	return res.GetFile()[0].GetContent()
}
