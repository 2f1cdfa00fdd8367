package migrate

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the cases of testdata become into them")

// root is the module that the stubs need.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// module makes a module with the harness in it, and returns its folder.
func module(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	mod := read(t, filepath.Join(root(t), "go.mod"))
	_, requires, _ := strings.Cut(mod, "\nrequire (")
	write(t, filepath.Join(dir, "go.mod"), "module example.com/cases\n\ngo 1.24.0\n\nrequire github.com/gohostrpc/gohost v0.0.0\n\nreplace github.com/gohostrpc/gohost => "+root(t)+
		"\n\nrequire github.com/stretchr/testify v0.0.0\n\nreplace github.com/stretchr/testify => ./testify\n\nrequire ("+requires)
	// This stands for the real one.
	write(t, filepath.Join(dir, "testify", "go.mod"), "module github.com/stretchr/testify\n\ngo 1.24.0\n")
	for _, name := range []string{"require", "assert"} {
		write(t, filepath.Join(dir, "testify", name, name+".go"), "package "+name+"\n\ntype TestingT interface{ FailNow() }\n\n"+
			"func NoError(t TestingT, err error, msgAndArgs ...any) {\n\tif err != nil {\n\t\tt.FailNow()\n\t}\n}\n")
	}
	write(t, filepath.Join(dir, "go.sum"), read(t, filepath.Join(root(t), "go.sum")))
	write(t, filepath.Join(dir, "harness", "harness.go"), read(t, "testdata/harness.go.txt"))
	return dir
}

// A testCase is an archive of testdata/cases: files, what they become in
// after/, and what is left.
type testCase struct {
	name    string
	path    string
	archive *txtar.Archive
	group   string // cases that are migrated together
	merge   bool
	split   bool
}

func cases(t *testing.T) []testCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all []testCase
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		comment := string(archive.Comment)
		c := testCase{name, path, archive, "strict", strings.Contains(comment, "-merge"), strings.Contains(comment, "-split")}
		switch {
		case c.split:
			c.group = "split"
		case c.merge:
			c.group = "merge"
		}
		if strings.Contains(comment, "(alone)") { // it blocks the service for all
			c.group = name
		}
		all = append(all, c)
	}
	return all
}

// Each case becomes what it says, and behaves as before.
func TestCases(t *testing.T) {
	t.Parallel()
	groups := make(map[string][]testCase)
	for _, c := range cases(t) {
		groups[c.group] = append(groups[c.group], c)
	}
	for group, chosen := range groups {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			dir := module(t)
			for _, c := range chosen {
				for _, f := range c.archive.Files {
					if !strings.HasPrefix(f.Name, "after/") && f.Name != "left" {
						write(t, filepath.Join(dir, "before", c.name, f.Name), string(f.Data))
					}
				}
			}
			m, err := Run(dir, "", Options{Merge: chosen[0].merge, Split: chosen[0].split}, "./before/...")
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Skipped) > 0 {
				t.Fatal(m.Skipped)
			}
			for _, c := range chosen {
				checkCase(t, m, dir, c)
			}
			checkBehaviour(t, dir, chosen)
		})
	}
}

// checkCase compares what c has become with what it says, and writes that into
// the module.
func checkCase(t *testing.T, m *Migration, dir string, c testCase) {
	t.Helper()
	before := filepath.Join(dir, "before", c.name) + "/"
	got := &txtar.Archive{Comment: c.archive.Comment}
	var after []txtar.File
	for _, f := range c.archive.Files {
		if strings.HasPrefix(f.Name, "after/") || f.Name == "left" {
			continue
		}
		got.Files = append(got.Files, f)
		text, changed := m.Files[before+f.Name]
		if changed {
			after = append(after, txtar.File{Name: "after/" + f.Name, Data: text})
		} else {
			text = f.Data
		}
		write(t, filepath.Join(dir, "after", c.name, f.Name), strings.ReplaceAll(string(text), "cases/before/", "cases/after/"))
	}
	got.Files = append(got.Files, after...)
	var left strings.Builder
	for _, u := range m.Units {
		for _, n := range u.Notes {
			if at := m.Fset.Position(n.Pos); strings.HasPrefix(at.Filename, before) {
				fmt.Fprintf(&left, "%s:%d: %s: note: %s\n", strings.TrimPrefix(at.Filename, before), at.Line, n.Kind, n.Reason)
			}
		}
	}
	for _, l := range m.Left {
		if at := m.Fset.Position(l.Pos); strings.HasPrefix(at.Filename, before) {
			fmt.Fprintf(&left, "%s:%d: %s: %s\n", strings.TrimPrefix(at.Filename, before), at.Line, l.Kind, l.Reason)
		}
	}
	if left.Len() > 0 {
		got.Files = append(got.Files, txtar.File{Name: "left", Data: []byte(left.String())})
	}
	if text := txtar.Format(got); !bytes.Equal(text, txtar.Format(c.archive)) {
		if *update {
			write(t, c.path, string(text))
			return
		}
		t.Errorf("%s becomes\n%s\nwrite it by: go test ./internal/migrate -run TestCases -update", c.name, text)
	}
}

var notImplemented = regexp.MustCompile(`method /\S+/(\w+) is not implemented`)

// checkBehaviour runs the cases as they were and as they have become, and
// compares what they print.
func checkBehaviour(t *testing.T, dir string, cases []testCase) {
	t.Helper()
	var imports, calls strings.Builder
	for _, c := range cases {
		for _, side := range []string{"before", "after"} {
			fmt.Fprintf(&imports, "%s_%s \"example.com/cases/%s/%s\"\n", side, c.name, side, c.name)
			fmt.Fprintf(&calls, "run(%q, %q, %s_%s.Run)\n", c.name, side, side, c.name)
		}
	}
	write(t, filepath.Join(dir, "main.go"), `package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
`+imports.String()+`)

var printed = map[string]map[string]string{}

func run(name, side string, f func(io.Writer)) {
	var out bytes.Buffer
	f(&out)
	if printed[name] == nil {
		printed[name] = map[string]string{}
	}
	printed[name][side] = out.String()
}

func main() {
`+calls.String()+`json.NewEncoder(os.Stdout).Encode(printed)
}
`)
	vet := exec.CommandContext(t.Context(), "go", "vet", "-p=2", "./after/...") // the tests too
	vet.Dir = dir
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
	command := exec.CommandContext(t.Context(), "go", "run", "-p=2", ".")
	command.Dir = dir
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, stderr.String())
	}
	var printed map[string]map[string]string
	if err := json.Unmarshal(out, &printed); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(printed)) {
		before, after := printed[name]["before"], printed[name]["after"]
		after = strings.ReplaceAll(after, " (host library.example)", "")            // a stub's error says which host it asked for
		after = notImplemented.ReplaceAllString(after, "method $1 not implemented") // and names the service
		if before != after || before == "" {
			t.Errorf("%s printed before\n%s\nand after\n%s", name, before, after)
		}
	}
}
