package wires

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// The output of examples/browser/web/build is what is committed.
func TestBrowserBuild(t *testing.T) {
	t.Parallel()
	proc.Find(t, "node", "apt-get install nodejs npm")
	proc.Find(t, "npm", "apt-get install nodejs npm")
	web, out := filepath.Join(filepath.FromSlash(browserExample), "web"), t.TempDir()
	if text, err := exec.CommandContext(t.Context(), filepath.Join(web, "build"), out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var made []string
	err := fs.WalkDir(os.DirFS(out), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		made = append(made, name)
		got, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		if committed, err := os.ReadFile(filepath.Join(web, name)); err != nil || !bytes.Equal(got, committed) {
			t.Errorf("%s is outdated (%v): run examples/browser/web/build", name, err)
		}
		return nil
	})
	if want := []string{"page/page.js", "src/gen/greeter/helloworld_pb.ts"}; err != nil || !slices.Equal(made, want) {
		t.Errorf("the build makes %q (%v), want %q", made, err, want)
	}
}
