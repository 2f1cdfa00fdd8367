package generator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/compiler/protogen"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// grpcNames returns what protoc-gen-go-grpc declares.
func TestNamesOfGRPC(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ folder, proto, generated string }{
		{testdata, "migrating/library.proto", "migrating/library_grpc.pb.go"},
		{"../bench", "benchpb/bench.proto", "benchpb/bench_grpc.pb.go"},
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(test.folder, test.generated), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		declared := make(map[string]bool)
		for _, name := range declaredIn(parsed) {
			if !strings.HasPrefix(name, "_") {
				declared[name] = true
			}
		}
		req, err := plugintest.Request("paths=source_relative", []string{test.folder, "../proto"}, test.proto)
		if err != nil {
			t.Fatal(err)
		}
		plugin, err := protogen.Options{}.New(req)
		if err != nil {
			t.Fatal(err)
		}
		known := make(map[string]bool)
		for _, s := range plugin.FilesByPath[test.proto].Services {
			for _, name := range generator.GRPCNames(s) {
				known[name] = true
			}
		}
		if diff := cmp.Diff(declared, known); diff != "" {
			t.Errorf("%s (-declared +known):\n%s", test.generated, diff)
		}
	}
}

// declaredIn returns the names that f declares at the top level.
func declaredIn(f *ast.File) []string {
	var names []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}
