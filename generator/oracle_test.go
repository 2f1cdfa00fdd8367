package generator_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/cmd/protoc-gen-go/internal_gengo"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/exportdata"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// checkOutput checks that the output for req parses, type-checks beside the
// output of protoc-gen-go, and declares only what the model lists; or that req
// is refused with an error, not with a panic of ours.
func checkOutput(t *testing.T, req *pluginpb.CodeGeneratorRequest) {
	t.Helper()
	res := generator.Generate(proto.CloneOf(req), io.Discard)
	if res.Error != nil {
		checkRefusal(t, req, res.GetError())
		return
	}
	if len(res.GetFile()) == 0 {
		return
	}
	generated := slices.DeleteFunc(slices.Clone(res.GetFile()), func(f *pluginpb.CodeGeneratorResponse_File) bool {
		return strings.HasSuffix(f.GetName(), ".meta") // of annotate_code
	})
	outputs, err := generator.Outputs(proto.CloneOf(req))
	if err != nil || len(outputs) != len(generated) {
		t.Fatalf("%d files, and the model of %d: %v", len(generated), len(outputs), err)
	}
	messages, ok := messagePackages(req)
	if !ok {
		return // protoc-gen-go cannot generate it
	}
	ours := make(map[string][]*ast.File)
	fset := token.NewFileSet()
	for i, f := range generated {
		checkText(t, f.GetName(), f.GetContent())
		parsed, err := parser.ParseFile(fset, f.GetName(), f.GetContent(), parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for name := range topLevel(parsed) {
			if !outputs[i].Declares[name] {
				t.Errorf("%s declares %s, which the model does not list", f.GetName(), name)
			}
		}
		ours[outputs[i].ImportPath] = append(ours[outputs[i].ImportPath], parsed)
	}
	for importPath, files := range ours {
		if beside := messages[importPath]; beside != nil && beside.name != files[0].Name.Name {
			t.Errorf("%s: package %s, and %s of protoc-gen-go", importPath, files[0].Name.Name, beside.name)
		}
		if err := messages.check(fset, importPath, files); err != nil && messages.check(token.NewFileSet(), importPath, nil) == nil {
			t.Errorf("%s: %v\n%s", importPath, err, generated[0].GetContent())
		}
	}
}

// checkRefusal checks that the text of an error is printable lines. If it is a
// panic, it is protogen's, and protoc-gen-go panics too.
func checkRefusal(t *testing.T, req *pluginpb.CodeGeneratorRequest, text string) {
	t.Helper()
	checkPrintable(t, "error", text)
	if strings.TrimSpace(text) == "" {
		t.Error("an error without a text")
	}
	if strings.Contains(text, "the request is broken, or") && !panics(func() { plugintest.ProtocGenGo(req) }) {
		t.Error(text)
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// messagePackage is a Go package of protoc-gen-go.
type messagePackage struct {
	name         string
	declarations []string
	imports      [][]string // of each file
}

type packages map[string]*messagePackage // by import path

// messagePackages returns what protoc-gen-go declares for all files of req. ok
// reports whether protoc-gen-go can generate all of them.
func messagePackages(req *pluginpb.CodeGeneratorRequest) (result packages, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	anything := func(string, string) error { return nil }
	plugin, err := protogen.Options{ParamFunc: anything}.New(proto.CloneOf(req))
	if err != nil {
		return nil, false
	}
	result = make(packages)
	for _, f := range plugin.Files {
		content, err := internal_gengo.GenerateFile(plugin, f).Content()
		if err != nil {
			return nil, false
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), "", content, parser.SkipObjectResolution)
		if err != nil {
			return nil, false
		}
		p := result[string(f.GoImportPath)]
		if p == nil {
			p = &messagePackage{name: parsed.Name.Name}
			result[string(f.GoImportPath)] = p
		}
		var imports []string
		for _, i := range parsed.Imports {
			if i.Name != nil && i.Name.Name != "_" {
				imports = append(imports, i.Name.Name+" "+i.Path.Value)
			}
		}
		p.imports = append(p.imports, imports)
		for name, kind := range topLevel(parsed) {
			p.declarations = append(p.declarations, kind.String()+" "+name+rest[kind])
		}
	}
	return result, true
}

// rest completes a name to the shortest declaration.
var rest = map[token.Token]string{token.TYPE: " struct{}\n", token.CONST: " = 0\n", token.VAR: " int\n", token.FUNC: "() {}\n"}

// topLevel returns what a file declares, except methods and init.
func topLevel(f *ast.File) map[string]token.Token {
	names := make(map[string]token.Token)
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil && decl.Name.Name != "init" {
				names[decl.Name.Name] = token.FUNC
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names[spec.Name.Name] = token.TYPE
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names[name.Name] = decl.Tok
					}
				}
			}
		}
	}
	return names
}

// check type-checks files as part of the package importPath, with what
// protoc-gen-go declares and imports there.
func (p packages) check(fset *token.FileSet, importPath string, files []*ast.File) error {
	var errs []error
	if beside := p[importPath]; beside != nil {
		for i, imports := range beside.imports {
			text := "package " + beside.name + "\n"
			for _, spec := range imports {
				text += "import " + spec + "\n"
			}
			if i == 0 {
				text += strings.Join(beside.declarations, "")
			}
			parsed, err := parser.ParseFile(fset, fmt.Sprintf("%d.pb.go", i), text, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			files = append(files, parsed)
		}
	}
	config := types.Config{
		Importer: importerFunc(p.importPackage),
		Error: func(err error) {
			if !strings.HasSuffix(err.Error(), "and not used") { // we omit the function bodies of protoc-gen-go
				errs = append(errs, err)
			}
		},
	}
	_, _ = config.Check(importPath, fset, files, nil)
	return errors.Join(errs...)
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// importPackage returns a made-up package of messages, or a real one.
func (p packages) importPackage(importPath string) (*types.Package, error) {
	pkg, ok := p[importPath]
	if !ok {
		return realPackage(importPath)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", "package "+pkg.name+"\n"+strings.Join(pkg.declarations, ""), parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	config := types.Config{Error: func(error) {}} // duplicate declarations
	checked, _ := config.Check(importPath, fset, []*ast.File{f}, nil)
	return checked, nil
}

var realPackages struct {
	sync.Mutex
	importer types.Importer
}

// realPackage imports the imports of generated code from the build cache. All
// use one importer, so that types are identical.
func realPackage(importPath string) (*types.Package, error) {
	realPackages.Lock()
	defer realPackages.Unlock()
	if realPackages.importer == nil {
		exports, err := exportdata.Of("", "github.com/gohostrpc/gohost/stub", "google.golang.org/protobuf/runtime/protoimpl")
		if err != nil {
			return nil, err
		}
		realPackages.importer = exports.Importer(token.NewFileSet())
	}
	return realPackages.importer.Import(importPath)
}
