package generator_test

import (
	"go/parser"
	"go/token"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/compiler/protogen"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/internal/protocases"
)

// importElements returns the names by which protoc-gen-go imports packages. It
// also imports packages of its own, whose names are all in lower case.
func TestNamesOfImports(t *testing.T) {
	t.Parallel()
	names := 0
	for _, c := range protocases.All() {
		req, err := c.Request()
		if err != nil {
			t.Fatal(err)
		}
		plugin, err := protogen.Options{ParamFunc: func(string, string) error { return nil }}.New(req)
		if err != nil {
			continue // so there is nothing to import
		}
		messages, err := plugintest.Files(plugintest.ProtocGenGo(req))
		if err != nil {
			continue
		}
		for _, f := range plugin.Files {
			if text, ok := messages[f.GeneratedFilenamePrefix+".pb.go"]; ok {
				got := generator.ImportNames(plugin, f)
				maps.DeleteFunc(got, func(name string, _ bool) bool { return !token.IsExported(name) })
				names += len(got)
				if diff := cmp.Diff(exportedImports(t, text), got); diff != "" {
					t.Errorf("%s: %s (-imported +known):\n%s", c.Name, f.Desc.Path(), diff)
				}
			}
		}
	}
	if names < 20 {
		t.Errorf("%d names in all cases prove little", names)
	}
}

// exportedImports returns the names by which text imports packages, except
// those that begin with a lower-case letter.
func exportedImports(t *testing.T, text string) map[string]bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, spec := range parsed.Imports {
		if name := spec.Name; name != nil && token.IsExported(name.Name) {
			names[name.Name] = true
		} else if name == nil && strings.ToLower(spec.Path.Value) != spec.Path.Value {
			t.Errorf("an import without a name: %s", spec.Path.Value)
		}
	}
	return names
}
