// Package python runs the programs of e2e/peers/python, for tests in other folders of
// e2e.
package python

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/internal/needed"
)

// interpreter is Debian's: another Python on the PATH may not have grpc.
const (
	interpreter = "/usr/bin/python3"
	toInstall   = "apt-get install python3-grpcio python3-protobuf protobuf-compiler libprotobuf-dev protobuf-compiler-grpc"
)

// Flavours are the programs in the folder python, by style.
var Flavours = map[string]struct{ Server, Client string }{
	"generators": {"server.py", "client.py"},
	"asyncio":    {"server_aio.py", "client_aio.py"},
}

// Generated is the directory with the Python code of the .proto files.
type Generated string

// Generate generates the code of the samples, and of google.rpc, whose .proto files
// Debian does not have. Their descriptors come from Go.
func Generate(t *testing.T) Generated {
	t.Helper()
	protoc := proc.Find(t, "protoc", toInstall)
	plugin := proc.Find(t, "grpc_python_plugin", toInstall)
	if err := exec.Command(interpreter, "-c", "import grpc.aio, google.protobuf").Run(); err != nil {
		needed.Missing(t, "grpc for "+interpreter, toInstall)
	}
	dir := t.TempDir()
	run(t, exec.Command(protoc, "-I../../testdata", "-I../../proto",
		"--plugin=protoc-gen-grpc_python="+plugin, "--python_out="+dir, "--grpc_python_out="+dir,
		"calculator/SimpleCal.proto", "squares/square.proto", "greeter/helloworld.proto", "feed/feed.proto", "gohost/v1/options.proto"))

	descriptors := filepath.Join(dir, "google_rpc.binpb")
	writeDescriptors(t, descriptors, status.File_google_rpc_status_proto, errdetails.File_google_rpc_error_details_proto)
	run(t, exec.Command(protoc, "--descriptor_set_in="+descriptors, "--python_out="+dir,
		"google/rpc/status.proto", "google/rpc/error_details.proto"))
	return Generated(dir)
}

// Command returns a command that runs a program of the folder python.
func (g Generated) Command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(interpreter, append([]string{filepath.Join("..", "peers", "python", program)}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+string(g), "PYTHONDONTWRITEBYTECODE=1")
	return cmd
}

// writeDescriptors writes files and their imports, in the order of protoc.
func writeDescriptors(t *testing.T, path string, files ...protoreflect.FileDescriptor) {
	t.Helper()
	set := new(descriptorpb.FileDescriptorSet)
	seen := make(map[string]bool)
	var add func(protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if seen[file.Path()] {
			return
		}
		seen[file.Path()] = true
		for i := range file.Imports().Len() {
			add(file.Imports().Get(i).FileDescriptor)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	for _, file := range files {
		add(file)
	}
	data, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
}
