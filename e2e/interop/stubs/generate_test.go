package stubs

import (
	"bytes"
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	orcaservice "github.com/cncf/xds/go/xds/service/orca/v3"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
)

var update = flag.Bool("update", false, "write the stubs instead of comparing them")

// parameters put the stubs into a package of their own, and say which package
// the messages are in: these .proto files do not.
var parameters = []string{
	"package_suffix=gohost",
	"Mgrpc/testing/empty.proto=google.golang.org/grpc/interop/grpc_testing",
	"Mgrpc/testing/messages.proto=google.golang.org/grpc/interop/grpc_testing",
	"Mgrpc/testing/test.proto=google.golang.org/grpc/interop/grpc_testing",
}

// TestStubs makes the stubs out of the descriptors of the official messages,
// and compares them with what is committed.
func TestStubs(t *testing.T) {
	t.Parallel()
	for _, file := range []protoreflect.FileDescriptor{
		testpb.File_grpc_testing_test_proto,
		orcaservice.File_xds_service_orca_v3_orca_proto,
	} {
		req := &pluginpb.CodeGeneratorRequest{
			FileToGenerate: []string{file.Path()},
			Parameter:      proto.String(strings.Join(parameters, ",")),
		}
		add(req, map[string]bool{}, file)
		res := generator.Generate(req, t.Output())
		if res.Error != nil {
			t.Fatal(res.GetError())
		}
		for _, f := range res.GetFile() {
			// The last folder is the package; those before it are the messages'.
			name := filepath.Join(path.Base(path.Dir(f.GetName())), path.Base(f.GetName()))
			if *update {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(f.GetContent()), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			committed, err := os.ReadFile(name)
			if err != nil {
				t.Error(err)
			}
			if !bytes.Equal(committed, []byte(f.GetContent())) {
				t.Errorf("%s is not what is generated now: go test ./interop/stubs -update", name)
			}
		}
	}
}

// add adds file to req, after the files that it imports.
func add(req *pluginpb.CodeGeneratorRequest, seen map[string]bool, file protoreflect.FileDescriptor) {
	if seen[file.Path()] {
		return
	}
	seen[file.Path()] = true
	for i := range file.Imports().Len() {
		add(req, seen, file.Imports().Get(i).FileDescriptor)
	}
	req.ProtoFile = append(req.ProtoFile, protodesc.ToFileDescriptorProto(file))
}
