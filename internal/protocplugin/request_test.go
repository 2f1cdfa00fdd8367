package protocplugin_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/gofeaturespb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/internal/protocplugin"
	gohostv1 "github.com/gohostrpc/gohost/proto/gohost/v1"
)

// A command accepts an option that has the number of one of ours, which is
// linked in here, and other bytes. Generate sees it as bytes, and the features
// of Go as messages.
func TestForeignOptionsStayBytes(t *testing.T) {
	t.Parallel()
	req, err := plugintest.RequestFromSources("", map[string]string{"a.proto": `
		edition = "2023"; package p;
		import "google/protobuf/descriptor.proto"; import "google/protobuf/go_features.proto";
		option features.(pb.go).api_level = API_OPAQUE;
		extend google.protobuf.ServiceOptions { string owner = 81750; }
		service Foo { option (owner) = "team"; }`}, "a.proto")
	if err != nil {
		t.Fatal(err)
	}
	b, err := proto.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(b, new(pluginpb.CodeGeneratorRequest)); err == nil {
		t.Error("the option could be one of ours")
	}
	name := filepath.Join(t.TempDir(), "request")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	stdin, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close() //nolint:errcheck // read only
	var file *descriptorpb.FileDescriptorProto
	command := protocplugin.Command{Name: "test", Generate: func(req *pluginpb.CodeGeneratorRequest, _ io.Writer) *pluginpb.CodeGeneratorResponse {
		file = req.GetProtoFile()[len(req.GetProtoFile())-1]
		return new(pluginpb.CodeGeneratorResponse)
	}}
	var stderr strings.Builder
	if status := command.Run(nil, stdin, io.Discard, &stderr); status != 0 || stderr.Len() > 0 {
		t.Fatalf("exit status %d, stderr %q", status, stderr.String())
	}
	options := file.GetService()[0].GetOptions()
	if proto.HasExtension(options, gohostv1.E_Service) || !bytes.Contains(options.ProtoReflect().GetUnknown(), []byte("team")) {
		t.Errorf("options = %v", options)
	}
	features, _ := proto.GetExtension(file.GetOptions().GetFeatures(), gofeaturespb.E_Go).(*gofeaturespb.GoFeatures)
	if features.GetApiLevel() != gofeaturespb.GoFeatures_API_OPAQUE {
		t.Errorf("features = %v", features)
	}
}
