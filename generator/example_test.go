package generator_test

import (
	"fmt"
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
)

// A program with descriptors needs neither protoc nor the command.
func ExampleGenerate() {
	res := generator.Generate(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{"hello.proto"},
		Parameter:      proto.String("paths=source_relative"),
		ProtoFile: []*descriptorpb.FileDescriptorProto{{
			Name:        proto.String("hello.proto"),
			Package:     proto.String("hello"),
			Options:     &descriptorpb.FileOptions{GoPackage: proto.String("example.com/hello")},
			MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("Text")}},
			Service: []*descriptorpb.ServiceDescriptorProto{{
				Name: proto.String("Hello"),
				Method: []*descriptorpb.MethodDescriptorProto{{
					Name: proto.String("Say"), InputType: proto.String(".hello.Text"), OutputType: proto.String(".hello.Text"),
				}},
			}},
		}},
	}, os.Stderr)
	for _, f := range res.GetFile() {
		fmt.Println(f.GetName(), len(f.GetContent()) > 0)
	}
	fmt.Println(res.Error)
	// Output:
	// hello_gohost.pb.go true
	// <nil>
}
