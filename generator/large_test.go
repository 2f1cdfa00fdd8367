package generator_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// largeFile is a file without imports, of a Go package of its own.
func largeFile(name string) *descriptorpb.FileDescriptorProto {
	return &descriptorpb.FileDescriptorProto{
		Syntax: proto.String("proto3"), Name: proto.String(name + ".proto"), Package: proto.String(name),
		Options:     &descriptorpb.FileOptions{GoPackage: proto.String("cases.example/large/" + name)},
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("M")}},
	}
}

func largeService(name string, methods int, message string) *descriptorpb.ServiceDescriptorProto {
	s := &descriptorpb.ServiceDescriptorProto{Name: proto.String(name)}
	for i := range methods {
		s.Method = append(s.Method, &descriptorpb.MethodDescriptorProto{
			Name: proto.String(fmt.Sprintf("Method%d", i)), InputType: proto.String(message), OutputType: proto.String(message),
			ClientStreaming: proto.Bool(i&1 != 0), ServerStreaming: proto.Bool(i&2 != 0),
		})
	}
	return s
}

func TestManyServices(t *testing.T) {
	t.Parallel()
	f := largeFile("a")
	for i := range 2000 {
		f.Service = append(f.Service, largeService(fmt.Sprintf("Service%d", i), 10, ".a.M"))
	}
	req := &pluginpb.CodeGeneratorRequest{FileToGenerate: []string{"a.proto"}, ProtoFile: []*descriptorpb.FileDescriptorProto{f}}
	files, err := plugintest.Files(generator.Generate(req, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	text := files["cases.example/large/a/a_gohost.pb.go"]
	checkText(t, "a", text)
	if methods := strings.Count(text, "_Method = "); methods != 20000 {
		t.Errorf("%d methods, want 20000", methods)
	}
}

// Each file imports the one before, and the service of the last uses a message
// that is publicly imported through all of them.
func TestDeepImports(t *testing.T) {
	t.Parallel()
	const depth = 3000
	req := new(pluginpb.CodeGeneratorRequest)
	for i := range depth {
		f := largeFile(fmt.Sprintf("p%d", i))
		if i > 0 {
			f.Dependency = []string{fmt.Sprintf("p%d.proto", i-1)}
			f.PublicDependency = []int32{0}
		}
		req.ProtoFile = append(req.ProtoFile, f)
	}
	last := req.ProtoFile[depth-1]
	last.Service = append(last.Service, largeService("Foo", 4, ".p0.M"), largeService("Bar", 4, ".p1500.M"))
	req.FileToGenerate = []string{last.GetName()}
	files, err := plugintest.Files(generator.Generate(req, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	checkText(t, "a", files["cases.example/large/p2999/p2999_gohost.pb.go"])
	// Now the first file is in the package of the last.
	req.ProtoFile[0].Options.GoPackage = last.Options.GoPackage
	if res := generator.Generate(req, io.Discard); res.GetError() == "" {
		t.Error("a cycle of 3000 packages is not found")
	}
}
