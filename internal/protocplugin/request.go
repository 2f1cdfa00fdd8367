package protocplugin

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/gofeaturespb"
	"google.golang.org/protobuf/types/pluginpb"
)

// Unmarshal returns the request that b holds. Options stay bytes in it, except
// for the features of Go, which protogen reads: the meaning of an option
// depends on the .proto that declares it, not on the extension with its number
// in this program.
func Unmarshal(b []byte) (*pluginpb.CodeGeneratorRequest, error) {
	types := new(protoregistry.Types)
	if err := types.RegisterExtension(gofeaturespb.E_Go); err != nil {
		return nil, err
	}
	req := new(pluginpb.CodeGeneratorRequest)
	return req, proto.UnmarshalOptions{Resolver: types}.Unmarshal(b, req)
}
