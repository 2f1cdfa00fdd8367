package compilers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// ways are the ways to generate that the documentation shows. Each gets the folder of a
// user's module, and programs, a folder with the plugins and buf.
var ways = map[string]func(t *testing.T, dir, programs string){
	// From the folder of the Go module.
	"protoc": func(t *testing.T, dir, programs string) {
		t.Helper()
		protoc := proc.Find(t, "protoc", "apt-get install protobuf-compiler")
		options := strings.TrimSpace(output(t, dir, nil, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/gohostrpc/gohost"))
		output(t, dir, onPath(programs), protoc, "-I", "proto", "-I", filepath.Join(options, "proto"),
			"--go_out=.", "--go_opt=module=example.com/user", "--gohost_out=.", "--gohost_opt=module=example.com/user", "acme/v1/acme.proto")
	},
	// From a copy that the plugin has written.
	"buf": func(t *testing.T, dir, programs string) {
		t.Helper()
		output(t, dir, nil, filepath.Join(programs, "protoc-gen-gohost"), "--export-proto", "third_party")
		output(t, dir, onPath(programs), filepath.Join(programs, "buf"), "generate")
	},
	// The same, with the plugins as tools of the user's module: none is on the PATH.
	// The replacement in go.mod simulates a published module, so only downloaded
	// modules are used.
	"buf and go tool": func(t *testing.T, dir, programs string) {
		t.Helper()
		config := filepath.Join(dir, "buf.gen.yaml")
		write(t, config, regexp.MustCompile(`local: (protoc-gen-\w+)`).ReplaceAllString(read(t, config), "local: [go, tool, $1]"))
		protobuf := version(t, dir, "google.golang.org/protobuf")
		cache := strings.TrimSpace(output(t, dir, nil, "go", "env", "GOMODCACHE"))
		for _, tool := range []string{"github.com/gohostrpc/gohost/cmd/protoc-gen-gohost", "google.golang.org/protobuf/cmd/protoc-gen-go@" + protobuf} {
			output(t, dir, []string{"GOPROXY=file://" + cache + "/cache/download"}, "go", "get", "-tool", tool)
		}
		output(t, dir, nil, "go", "tool", "protoc-gen-gohost", "--export-proto", "third_party")
		output(t, dir, nil, filepath.Join(programs, "buf"), "generate")
	},
}

// All ways give the same code. It builds with the oldest supported Go, and gohost
// requires no newer version of a module than its own go.mod names.
func TestImporting(t *testing.T) {
	t.Parallel()
	programs := filepath.Dir(build(t, "protoc-gen-gohost"))
	output(t, root, nil, "go", "build", "-o", programs, "google.golang.org/protobuf/cmd/protoc-gen-go")
	buildBuf(t, programs)
	generated := make(map[string]string)
	for name, generate := range ways {
		dir := newUser(t)
		generate(t, dir, programs)
		output(t, dir, nil, "go", "build", "-mod=mod", "./...")
		for _, module := range []string{"google.golang.org/grpc", "google.golang.org/protobuf"} {
			if got, want := version(t, dir, module), version(t, root, module); got != want {
				t.Errorf("%s: the user has %s %s, want %s", name, module, got, want)
			}
		}
		if mod := read(t, filepath.Join(dir, "go.mod")); !strings.Contains(mod, "\ngo "+lowest(t)+"\n") {
			t.Errorf("%s: the user's go.mod does not ask for Go %s:\n%s", name, lowest(t), mod)
		}
		generated[name] = read(t, filepath.Join(dir, "acme", "v1", "acme_gohost.pb.go"))
	}
	if text := generated["buf"]; !strings.Contains(text, `AcmeHost = "acme.example"`) {
		t.Errorf("no host in\n%s", text)
	}
	for name, text := range generated {
		if diff := cmp.Diff(generated["buf"], text); diff != "" {
			t.Errorf("buf and %s differ (-buf +%s):\n%s", name, name, diff)
		}
	}
}

// newUser returns the folder of a new user's module.
func newUser(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, from := range map[string]string{
		"proto/acme/v1/acme.proto": "proto/acme/v1/acme.proto",
		"buf.yaml":                 "buf.yaml",
		"buf.gen.yaml":             "user/buf.gen.yaml",
		"user.go":                  "user/user.go",
	} {
		write(t, filepath.Join(dir, name), read(t, filepath.Join("testdata", from)))
	}
	gohost, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf(`module example.com/user

go %s

require github.com/gohostrpc/gohost v0.0.0

replace github.com/gohostrpc/gohost => %s
`, lowest(t), gohost))
	write(t, filepath.Join(dir, "go.sum"), read(t, filepath.Join(root, "go.sum")))
	return dir
}

// lowest returns the oldest Go version that gohost supports.
func lowest(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(output(t, root, []string{"GOTOOLCHAIN=local"}, "go", "list", "-m", "-f", "{{.GoVersion}}"))
}

// version returns the version of module that the module in dir is built with.
func version(t *testing.T, dir, module string) string {
	t.Helper()
	return strings.TrimSpace(output(t, dir, nil, "go", "list", "-mod=mod", "-m", "-f", "{{.Version}}", module))
}

// onPath returns the setting of PATH with folder in front.
func onPath(folder string) []string {
	return []string{"PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH")}
}

// output runs a program in dir and returns its standard output. In a user's module, Go
// is the oldest that gohost supports.
func output(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if dir != root {
		cmd.Env = append(cmd.Env, "GOTOOLCHAIN=go"+lowest(t))
	}
	cmd.Env = append(cmd.Env, env...)
	var failure strings.Builder
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, failure.String())
	}
	return string(out)
}
