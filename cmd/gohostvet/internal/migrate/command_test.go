package migrate

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Each archive of testdata/command has files, and commands, what each prints, and
// what the files are after them.
func TestCommand(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/command/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := module(t)
			got := &txtar.Archive{Comment: archive.Comment}
			for _, f := range archive.Files {
				if strings.Contains(f.Name, "go") && !strings.HasPrefix(f.Name, "after/") {
					got.Files = append(got.Files, f)
					write(t, filepath.Join(dir, f.Name), string(f.Data))
				}
			}
			before := got.Files
			number := 0
			for line := range strings.Lines(string(archive.Comment)) {
				args, ok := strings.CutPrefix(strings.TrimSpace(line), "$ gohostmigrate")
				if !ok {
					continue
				}
				number++
				var stdout, stderr bytes.Buffer
				code := Command(dir, strings.Fields(args), "usage\n", &stdout, &stderr)
				add := func(name, text string) {
					if text != "" {
						text = strings.ReplaceAll(text, dir, "DIR")
						got.Files = append(got.Files, txtar.File{Name: fmt.Sprintf("%s.%d", name, number), Data: []byte(text)})
					}
				}
				add("stdout", stdout.String())
				add("stderr", stderr.String())
				add("code", fmt.Sprintln(code))
			}
			for _, f := range before {
				if text := read(t, filepath.Join(dir, f.Name)); text != string(f.Data) {
					got.Files = append(got.Files, txtar.File{Name: "after/" + f.Name, Data: []byte(text)})
				}
			}
			if text := txtar.Format(got); !bytes.Equal(text, txtar.Format(archive)) {
				if *update {
					write(t, path, string(text))
					return
				}
				t.Errorf("%s becomes\n%s\nwrite it by: go test ./internal/migrate -run TestCommand -update", path, text)
			}
		})
	}
}
