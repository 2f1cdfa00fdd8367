package proxy_test

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

const (
	testdata = "../../testdata/proxy"
	repair   = "if the change is wanted: go test ./generator/proxy -update"
)

// Each folder of testdata/proxy is a case: its .proto files, options.txt with the
// parameters, and a file for each target.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, dir := range cases(t) {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			req := request(t, dir)
			got := generate(t, req)
			if *update {
				write(t, dir, got)
			}
			if diff := cmp.Diff(goldens(t, dir), got); diff != "" {
				t.Errorf("output (-golden +got):\n%s\n%s", diff, repair)
			}
			if diff := cmp.Diff(got, generate(t, plugintest.Reorder(req))); diff != "" {
				t.Errorf("another order of the files gives other output:\n%s", diff)
			}
		})
	}
}

// The table in testdata/README.md has a line for each case.
func TestCasesAreListed(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../testdata/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range cases(t) {
		if !strings.Contains(string(readme), "| `proxy/"+dir+"`") {
			t.Errorf("testdata/README.md does not say what the case proxy/%s proves", dir)
		}
	}
}

func cases(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(testdata)
	if err != nil || len(entries) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var dirs []string
	for _, e := range entries {
		if e.Name() != "invalid" {
			dirs = append(dirs, e.Name())
		}
	}
	return dirs
}

func request(t *testing.T, dir string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	parameter, err := os.ReadFile(filepath.Join(testdata, dir, "options.txt"))
	if err != nil {
		t.Fatal(err)
	}
	protos, err := filepath.Glob(filepath.Join(testdata, dir, "*.proto"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range protos {
		protos[i] = dir + "/" + filepath.Base(name)
	}
	req, err := plugintest.Request(strings.TrimSpace(string(parameter)), []string{testdata, "../../proto"}, protos...)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func generate(t *testing.T, req *pluginpb.CodeGeneratorRequest) map[string]string {
	t.Helper()
	files, err := plugintest.Files(proxy.Generate(proto.CloneOf(req), io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// isInput tells whether a file of a case is not a golden one.
func isInput(name string) bool {
	return strings.HasSuffix(name, ".proto") || name == "options.txt"
}

func goldens(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(testdata, dir))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, e := range entries {
		if isInput(e.Name()) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(testdata, dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name := range goldens(t, dir) {
		if err := os.Remove(filepath.Join(testdata, dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(testdata, dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
