package proxy_test

import (
	"flag"
	"path"
	"testing"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

const testdata = "../../testdata/proxy"

// golden has the cases of testdata/proxy, with a file for each target.
var golden = plugintest.Golden{
	Testdata:  testdata,
	NoCases:   []string{"invalid"},
	ProtoPath: []string{"../../proto"},
	InCase:    true,
	IsOutput:  func(name string) bool { return path.Ext(name) != ".proto" && name != "options.txt" },
	Generate:  proxy.Generate,
	Repair:    "go test ./generator/proxy -update",
}

func TestGolden(t *testing.T) {
	t.Parallel()
	golden.Test(t, *update)
}

func TestCasesAreListed(t *testing.T) {
	t.Parallel()
	golden.TestListed(t, "../../testdata/README.md", "proxy/")
}
