package generator_test

import (
	"flag"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing them")

const (
	testdata = "../testdata"
	repair   = "if the change is wanted: go test ./generator -update"
)

// Each folder of testdata is a case: its .proto files, the output and, where
// it has parameters, options.txt.
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
			if diff := cmp.Diff(got, generate(t, req)); diff != "" {
				t.Errorf("a second run gives other output:\n%s", diff)
			}
			if diff := cmp.Diff(got, generate(t, plugintest.Reorder(req))); diff != "" {
				t.Errorf("another order of the files gives other output:\n%s", diff)
			}
		})
	}
}

// cases are the folders of testdata; those of proxy are cases of generator/proxy.
func cases(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "invalid" && e.Name() != "proxy" {
			dirs = append(dirs, e.Name())
		}
	}
	if len(dirs) == 0 {
		t.Fatal("testdata has no folders")
	}
	return dirs
}

func request(t *testing.T, dir string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	var protos []string
	walk(t, dir, ".proto", func(name string) { protos = append(protos, name) })
	parameter, err := os.ReadFile(filepath.Join(testdata, dir, "options.txt"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	req, err := plugintest.Request(
		plugintest.Join("paths=source_relative", strings.TrimSpace(string(parameter))),
		[]string{testdata, "../proto"}, protos...)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func generate(t *testing.T, req *pluginpb.CodeGeneratorRequest) map[string]string {
	t.Helper()
	files, err := plugintest.Files(generator.Generate(proto.CloneOf(req), io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

const suffix = "_gohost.pb.go"

func goldens(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	walk(t, dir, suffix, func(name string) {
		b, err := os.ReadFile(filepath.Join(testdata, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(b)
	})
	return files
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	walk(t, dir, suffix, func(name string) {
		if err := os.Remove(filepath.Join(testdata, name)); err != nil {
			t.Fatal(err)
		}
	})
	for name, text := range files {
		name = filepath.Join(testdata, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// walk calls f with the path below testdata of each file of dir that ends in suffix.
func walk(t *testing.T, dir, suffix string, f func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(testdata), dir, func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, suffix) {
			f(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The table in testdata/README.md has a line for each case.
func TestCasesAreListed(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(path.Join(testdata, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range slices.Concat(cases(t), []string{"invalid"}) {
		if !strings.Contains(string(readme), "| `"+dir+"`") {
			t.Errorf("testdata/README.md does not say what the case %s proves", dir)
		}
	}
}
