package compilers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/internal/needed"
)

// user makes a folder with a user's .proto and buf's files, and returns a function that
// runs buf there.
func user(t *testing.T) (dir string, buf func() (string, error)) {
	t.Helper()
	protoc := proc.Find(t, "protoc", "apt-get install protobuf-compiler libprotobuf-dev") // buf uses it for Python
	program := buildBuf(t, t.TempDir())
	plugin := build(t, "protoc-gen-gohost")
	dir = t.TempDir()
	for _, name := range []string{"buf.yaml", "buf.gen.yaml", "proto/acme/v1/acme.proto"} {
		write(t, filepath.Join(dir, name), read(t, filepath.Join("testdata", name)))
	}
	run(t, exec.CommandContext(t.Context(), plugin, "--export-proto", filepath.Join(dir, "third_party")))
	return dir, func() (string, error) {
		cmd := exec.CommandContext(t.Context(), program, "generate")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+strings.Join([]string{filepath.Dir(plugin), filepath.Dir(protoc), os.Getenv("PATH")}, string(os.PathListSeparator)))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
}

// buildBuf builds buf into a folder, and returns its path.
func buildBuf(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join(folder, "buf")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-modfile=tools/go.mod", "-o", path, "github.com/bufbuild/buf/cmd/buf")
	cmd.Dir = root
	run(t, cmd)
	return path
}

// Managed mode must not change the Go package of the options. If it does, generation
// fails and says which lines are missing. With them, the code is the same as with
// protoc.
func TestManagedMode(t *testing.T) {
	t.Parallel()
	dir, buf := user(t)
	config := filepath.Join(dir, "buf.gen.yaml")
	lines := "  disable:\n    - file_option: go_package\n      path: gohost/v1\n"
	whole := read(t, config)
	without := strings.Replace(whole, lines, "", 1)
	if without == whole {
		t.Fatalf("%s does not contain the lines", config)
	}
	write(t, config, without)
	out, err := buf()
	want := `gohost/v1/options.proto: the Go package of gohost's options is "example.com/user/gohost/v1" instead of "github.com/gohostrpc/gohost/proto/gohost/v1"`
	if err == nil || !strings.Contains(out, want) || !strings.Contains(out, "managed:\n"+lines) {
		t.Errorf("error %v, with\n%swant %s and\nmanaged:\n%s", err, out, want, lines)
	}
	write(t, config, whole)
	if out, err := buf(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	generated := read(t, filepath.Join(dir, "go", "acme", "v1", "acme_gohost.pb.go"))
	if !strings.Contains(generated, `AcmeHost = "acme.example"`) {
		t.Errorf("no host in\n%s", generated)
	}

	// buf leaves options.proto out of the request.
	proto := filepath.Join(dir, "proto", "acme", "v1", "acme.proto")
	write(t, proto, strings.NewReplacer(`syntax = "proto3"`, `edition = "2024"`, "\nimport ", "\nimport option ").Replace(read(t, proto)))
	write(t, config, strings.Replace(whole, "  - protoc_builtin: python\n    out: python\n    include_imports: true\n", "", 1)) // Debian's protoc does not support editions
	if out, err := buf(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if again := read(t, filepath.Join(dir, "go", "acme", "v1", "acme_gohost.pb.go")); again != generated {
		t.Errorf("by import option:\n%s", again)
	}
}

// Python needs the code of options.proto next to that of a .proto with a host.
func TestPython(t *testing.T) {
	t.Parallel()
	if err := exec.Command(python, "-c", "import google.protobuf, grpc_tools").Run(); err != nil {
		needed.Missing(t, "protobuf for "+python, "apt-get install python3-protobuf python3-grpc-tools")
	}
	dir, buf := user(t)
	if out, err := buf(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	imports(t, filepath.Join(dir, "python"))

	files := []string{"acme/v1/acme.proto", "gohost/v1/options.proto"}
	for name, protoc := range map[string][]string{
		"protoc":     {"protoc"},
		"grpc_tools": {python, "-m", "grpc_tools.protoc"},
	} {
		out := filepath.Join(dir, name)
		if err := os.Mkdir(out, 0o755); err != nil {
			t.Fatal(err)
		}
		args := append(protoc[1:], "-I", filepath.Join(dir, "proto"), "-I", filepath.Join(dir, "third_party"), "--python_out="+out)
		run(t, exec.Command(protoc[0], append(args, files[0])...))
		if out, err := importing(out).CombinedOutput(); err == nil || !strings.Contains(string(out), "No module named 'gohost'") {
			t.Errorf("%s, without options.proto: %v\n%s", name, err, out)
		}
		run(t, exec.Command(protoc[0], append(args, files...)...))
		if name == "protoc" { // the code of protoc 3.5.1 is too old for Debian's package protobuf
			imports(t, out)
		}
	}
}

// The generated code does not import files that a .proto imports only for their
// options.
func TestImportOption(t *testing.T) {
	t.Parallel()
	goPlugin := filepath.Join(t.TempDir(), "protoc-gen-go")
	run(t, exec.CommandContext(t.Context(), "go", "build", "-o", goPlugin, "google.golang.org/protobuf/cmd/protoc-gen-go"))
	all := compilers(t)
	newest := all[len(all)-1]
	for file, imported := range map[string]bool{"edition2023": true, "edition2024": false} {
		out := t.TempDir()
		run(t, exec.Command(newest.command[0], newest.arguments("-I", "testdata/syntaxes", "--plugin="+goPlugin,
			"--go_out="+out, "--go_opt=paths=source_relative", "--python_out="+out, file+".proto")...))
		for name, line := range map[string]string{file + ".pb.go": `_ "github.com/gohostrpc/gohost/proto/gohost/v1"`, file + "_pb2.py": "from gohost.v1 import options_pb2"} {
			if strings.Contains(read(t, filepath.Join(out, name)), line) != imported {
				t.Errorf("%s has the line %s, or it is missing: want it %t", name, line, imported)
			}
		}
	}
}

// imports imports the generated Python code in dir and reads the host.
func imports(t *testing.T, dir string) {
	t.Helper()
	if got := strings.TrimSpace(run(t, importing(dir))); got != "acme.example" {
		t.Errorf("the host in Python is %q", got)
	}
}

func importing(dir string) *exec.Cmd {
	cmd := exec.Command(python, "-c", `
from acme.v1 import acme_pb2
from gohost.v1 import options_pb2
options = acme_pb2.DESCRIPTOR.services_by_name["Acme"].GetOptions()
print(options.Extensions[options_pb2.service].host)`)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+dir, "PYTHONDONTWRITEBYTECODE=1")
	return cmd
}
