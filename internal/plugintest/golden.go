package plugintest

import (
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
)

// Golden compares the output of a plugin with golden files. Each folder of
// Testdata is a case: its .proto files, the output and, if it has parameters,
// options.txt.
type Golden struct {
	Testdata  string
	NoCases   []string               // folders of Testdata that are not cases
	ProtoPath []string               // import paths beside Testdata
	Parameter string                 // in front of those of options.txt
	InCase    bool                   // the output is in the folder of the case, not in Testdata
	IsOutput  func(name string) bool // tells which files of a case are output
	Generate  func(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) *pluginpb.CodeGeneratorResponse
	Repair    string // the command that writes the golden files
}

// Cases returns the folders.
func (g Golden) Cases(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(g.Testdata)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(g.NoCases, e.Name()) {
			dirs = append(dirs, e.Name())
		}
	}
	if len(dirs) == 0 {
		t.Fatalf("%s has no folders", g.Testdata)
	}
	return dirs
}

// Request returns the request of the case dir.
func (g Golden) Request(t *testing.T, dir string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	var protos []string
	g.walk(t, dir, func(name string) {
		if path.Ext(name) == ".proto" {
			protos = append(protos, name)
		}
	})
	parameter, err := os.ReadFile(filepath.Join(g.Testdata, dir, "options.txt"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	req, err := Request(Join(g.Parameter, strings.TrimSpace(string(parameter))), append([]string{g.Testdata}, g.ProtoPath...), protos...)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// Output returns what the plugin generates for req, by the names of the files.
func (g Golden) Output(t *testing.T, req *pluginpb.CodeGeneratorRequest) map[string]string {
	t.Helper()
	files, err := Files(g.Generate(proto.CloneOf(req), io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Test compares the output of each case with its golden files, or writes them if update
// is set. It also checks that the output depends only on the request.
func (g Golden) Test(t *testing.T, update bool) {
	t.Helper()
	for _, dir := range g.Cases(t) {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			req := g.Request(t, dir)
			got := g.Output(t, req)
			if update {
				g.write(t, dir, got)
			}
			if diff := cmp.Diff(g.read(t, dir), got); diff != "" {
				t.Errorf("output (-golden +got):\n%s\nif the change is wanted: %s", diff, g.Repair)
			}
			if diff := cmp.Diff(got, g.Output(t, req)); diff != "" {
				t.Errorf("a second run gives other output:\n%s", diff)
			}
			if diff := cmp.Diff(got, g.Output(t, Reorder(req))); diff != "" {
				t.Errorf("another order of the files gives other output:\n%s", diff)
			}
		})
	}
}

// read returns the golden files of the case dir, named like the output.
func (g Golden) read(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	g.walk(t, dir, func(name string) {
		if !g.IsOutput(path.Base(name)) {
			return
		}
		text, err := os.ReadFile(filepath.Join(g.Testdata, name))
		if err != nil {
			t.Fatal(err)
		}
		if g.InCase {
			name = strings.TrimPrefix(name, dir+"/")
		}
		files[name] = string(text)
	})
	return files
}

// write replaces the golden files of the case dir by files.
func (g Golden) write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	folder := g.Testdata
	if g.InCase {
		folder = filepath.Join(folder, dir)
	}
	for name := range g.read(t, dir) {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// walk calls f with the path below Testdata of each file of the case dir.
func (g Golden) walk(t *testing.T, dir string, f func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(g.Testdata), dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			f(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestListed checks that the table of a README has one line per case, with the
// name after prefix.
func (g Golden) TestListed(t *testing.T, readme, prefix string) {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range g.Cases(t) {
		if !strings.Contains(string(text), "| `"+prefix+dir+"`") {
			t.Errorf("%s does not say what the case %s proves", readme, prefix+dir)
		}
	}
}
