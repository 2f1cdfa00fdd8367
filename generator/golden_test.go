package generator_test

import (
	"flag"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

const (
	testdata = "../testdata"
	repair   = "if the change is wanted: go test ./generator -update"
	suffix   = "_gohost.pb.go"
)

// golden has the cases of testdata, except for proxy, whose cases belong to
// generator/proxy.
var golden = plugintest.Golden{
	Testdata:  testdata,
	NoCases:   []string{"invalid", "proxy"},
	ProtoPath: []string{"../proto"},
	Parameter: "paths=source_relative",
	IsOutput:  func(name string) bool { return strings.HasSuffix(name, suffix) },
	Generate:  generator.Generate,
	Repair:    "go test ./generator -update",
}

func TestGolden(t *testing.T) {
	t.Parallel()
	golden.Test(t, *update)
}

func TestCasesAreListed(t *testing.T) {
	t.Parallel()
	golden.TestListed(t, testdata+"/README.md", "")
}

func cases(t *testing.T) []string {
	t.Helper()
	return golden.Cases(t)
}

func request(t *testing.T, dir string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	return golden.Request(t, dir)
}

func generate(t *testing.T, req *pluginpb.CodeGeneratorRequest) map[string]string {
	t.Helper()
	return golden.Output(t, req)
}
