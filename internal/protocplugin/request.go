package protocplugin

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/gofeaturespb"
	"google.golang.org/protobuf/types/pluginpb"
)

// Unmarshal returns the request that b holds. Options stay bytes in it, but for
// the features of Go, which protogen reads: what an option is depends on the
// .proto that declares it, and not on what has its number in this program.
func Unmarshal(b []byte) (*pluginpb.CodeGeneratorRequest, error) {
	types := new(protoregistry.Types)
	if err := types.RegisterExtension(gofeaturespb.E_Go); err != nil {
		return nil, err
	}
	req := new(pluginpb.CodeGeneratorRequest)
	return req, proto.UnmarshalOptions{Resolver: types}.Unmarshal(b, req)
}
