package plugintest

import (
	"google.golang.org/protobuf/cmd/protoc-gen-go/internal_gengo"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"
)

// ProtocGenGo returns the response of protoc-gen-go to req. Parameters that it
// does not know are ignored.
func ProtocGenGo(req *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorResponse {
	anything := func(string, string) error { return nil }
	plugin, err := protogen.Options{ParamFunc: anything}.New(proto.CloneOf(req))
	if err != nil {
		return &pluginpb.CodeGeneratorResponse{Error: proto.String(err.Error())}
	}
	for _, f := range plugin.Files {
		if f.Generate {
			internal_gengo.GenerateFile(plugin, f)
		}
	}
	return plugin.Response()
}
