package generator_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// annotated has a declaration of every kind.
const annotated = `syntax = "proto3";
package hello;
import "gohost/v1/options.proto";
option go_package = "example.com/hello";
service First { rpc Say(M) returns (M); }
service Second {
  rpc With(M) returns (stream M);
  rpc say_all(stream M) returns (M) { option (gohost.v1.method).host = "all.example"; }
  rpc Chat(stream M) returns (stream M);
}
message M {}
`

// With annotate_code every declaration points at its service or method.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	req, err := plugintest.RequestFromSources("annotate_code", map[string]string{
		"hello.proto": annotated, "gohost/v1/options.proto": readFile(t, "../proto/gohost/v1/options.proto"),
	}, "hello.proto")
	if err != nil {
		t.Fatal(err)
	}
	files, err := plugintest.Files(generator.Generate(req, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	source := files["example.com/hello/hello_gohost.pb.go"]
	info := new(descriptorpb.GeneratedCodeInfo)
	if err := prototext.Unmarshal([]byte(files["example.com/hello/hello_gohost.pb.go.meta"]), info); err != nil {
		t.Fatal(err)
	}
	elements := make(map[int]string) // by the offset of the name in source
	for _, a := range info.GetAnnotation() {
		if a.GetSourceFile() != "hello.proto" {
			t.Errorf("%v names another file than hello.proto", a)
		}
		if first, twice := elements[int(a.GetBegin())]; twice {
			t.Errorf("%v is annotated twice, with %s before", a, first)
		}
		elements[int(a.GetBegin())] = element(req.GetProtoFile()[len(req.GetProtoFile())-1], a.GetPath())
	}
	got := make(map[string]string)
	for name, offset := range declarations(t, source) {
		got[name] = elements[offset]
	}
	want := map[string]string{"SecondStub.WithCallOptions": "Second", "Second_SayAll_Host": "Second.say_all", "FirstStub.With": "First"}
	for service, methods := range map[string]map[string]string{
		"First":  {"Say": "Say"},
		"Second": {"With": "With", "SayAll": "say_all", "Chat": "Chat"},
	} {
		for _, form := range []string{"%s", "%sName", "%sHost", "%sStub", "New%sStub", "Register%s", "Unimplemented%s", "%sDesc", "%sHosts"} {
			want[fmt.Sprintf(form, service)] = service
		}
		for goName, name := range methods {
			for _, form := range []string{"%s.%s", "%sStub.%s", "Unimplemented%s.%s", "%s_%s_Method", "handle%s_%s"} {
				want[fmt.Sprintf(form, service, goName)] = service + "." + name
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the declarations point at (-want +got):\n%s", diff)
	}
}

// declarations returns the offset of every name that source declares: those of
// its package, its methods and the methods of its interfaces.
func declarations(t *testing.T, source string) map[string]int {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	offsets := make(map[string]int)
	add := func(receiver string, names ...*ast.Ident) {
		for _, name := range names {
			if name.Name != "_" {
				offsets[receiver+name.Name] = fset.Position(name.Pos()).Offset
			}
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			receiver := ""
			if decl.Recv != nil {
				receiver = decl.Recv.List[0].Type.(*ast.Ident).Name + "."
			}
			add(receiver, decl.Name)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					add("", spec.Names...)
				case *ast.TypeSpec:
					add("", spec.Name)
					if i, ok := spec.Type.(*ast.InterfaceType); ok {
						for _, method := range i.Methods.List {
							add(spec.Name.Name+".", method.Names...)
						}
					}
				}
			}
		}
	}
	return offsets
}

// element returns the name of the service or method of f at path.
func element(f *descriptorpb.FileDescriptorProto, path []int32) string {
	const service, method = 6, 2 // the numbers of these fields
	switch {
	case len(path) == 2 && path[0] == service:
		return f.GetService()[path[1]].GetName()
	case len(path) == 4 && path[0] == service && path[2] == method:
		s := f.GetService()[path[1]]
		return s.GetName() + "." + s.GetMethod()[path[3]].GetName()
	}
	return fmt.Sprint(path)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
