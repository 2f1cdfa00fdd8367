package stubs

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gohostrpc/gohost/internal/plugintest"
)

var update = flag.Bool("update", false, "write the code instead of comparing it")

func TestStubs(t *testing.T) {
	t.Parallel()
	for folder, plugin := range map[string]string{
		"v1": "connectrpc.com/connect/cmd/protoc-gen-connect-go",
		"v2": "connectrpc.com/connect/v2/cmd/protoc-gen-connect-go",
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			for name, content := range generate(t, plugin) {
				path := filepath.Join(folder, filepath.FromSlash(name))
				if *update {
					write(t, path, content)
				}
				got, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(got), content); diff != "" {
					t.Errorf("%s (-committed +generated):\n%s\nrun: go test ./wires/stubs -update", path, diff)
				}
			}
		})
	}
}

// generate returns the output of a plugin for the samples, by file name.
func generate(t *testing.T, plugin string) map[string]string {
	t.Helper()
	const parameter = "module=github.com/gohostrpc/gohost/testdata"
	req, err := plugintest.Request(parameter, []string{"../../../testdata", "../../../proto"}, "squares/square.proto", "greeter/helloworld.proto", "calculator/SimpleCal.proto")
	if err != nil {
		t.Fatal(err)
	}
	res := plugintest.Exec(t, exec.CommandContext(t.Context(), "go", "tool", plugin), req)
	files := make(map[string]string)
	for _, f := range res.GetFile() {
		files[f.GetName()] = f.GetContent()
	}
	if len(files) != 3 {
		t.Fatalf("%d files, want 3: %s", len(files), res.GetError())
	}
	return files
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil { //nolint:gosec // it is source
		t.Fatal(err)
	}
}
