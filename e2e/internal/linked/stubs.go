package linked

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/generator"
)

// Stubs generates stubs for the services of files. Each package gets a folder with its
// name in the current folder. With update, Stubs writes them. Otherwise it compares
// them with the committed ones. The caller's package must not import them, so that it
// can repair broken ones. parameters are added to those of Request.
func Stubs(t *testing.T, update bool, parameters string, files ...protoreflect.FileDescriptor) {
	t.Helper()
	for _, file := range files {
		res := generator.Generate(Request(t, "package_suffix=gohost,"+parameters, file), t.Output())
		if res.Error != nil {
			t.Fatal(res.GetError())
		}
		for _, f := range res.GetFile() {
			// The last folder is the package's. Those before it are for the messages.
			name := filepath.Join(path.Base(path.Dir(f.GetName())), path.Base(f.GetName()))
			if update {
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
				t.Errorf("%s is outdated: run the test with -update", name)
			}
		}
	}
}
