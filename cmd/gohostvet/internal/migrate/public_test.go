package migrate

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var public = flag.Bool("public", false, "fetch public code, and migrate it")

// A project is public code, at a version.
type project struct {
	t   *testing.T
	dir string // a copy of it, with stubs beside what protoc-gen-go-grpc generated
}

// fetch returns a copy of a module in a folder of its own.
func (p *project) fetch(module, version, to string) {
	p.t.Helper()
	var found struct{ Dir, Error string }
	out, err := p.command(p.t.TempDir(), "go", "mod", "download", "-json", module+"@"+version).Output()
	if err != nil {
		p.t.Fatalf("go mod download: %v\n%s", err, out)
	}
	if err := json.Unmarshal(out, &found); err != nil {
		p.t.Fatal(err)
	}
	p.copy(found.Dir, to)
}

// copy copies a folder, so that it can be written to.
func (p *project) copy(from, to string) {
	p.t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o644)
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// command returns a command that reports what it prints if it fails.
func (p *project) command(dir, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(p.t.Context(), name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	return command
}

func (p *project) run(dir, name string, args ...string) {
	p.t.Helper()
	if out, err := p.command(dir, name, args...).CombinedOutput(); err != nil {
		p.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: ([^/\s]+) `)

// test runs tests. One that fails under load, as it does without a migration,
// has to pass when it is run again.
func (p *project) test(dir string, args ...string) {
	p.t.Helper()
	args = append([]string{"test", "-p=2", "-count=1"}, args...)
	out, err := p.command(dir, "go", args...).CombinedOutput()
	if err == nil {
		return
	}
	found := failed.FindAllSubmatch(out, -1)
	if len(found) == 0 {
		p.t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	for _, f := range found {
		name := string(f[1])
		for attempt := 1; ; attempt++ {
			out, err := p.command(dir, "go", append([]string{"test", "-count=1", "-run=^" + name + "$"}, args[3:]...)...).CombinedOutput()
			if err == nil {
				p.t.Logf("%s passed when it was run again, %d times", name, attempt)
				break
			}
			if attempt == 5 {
				p.t.Errorf("%s: %v\n%s", name, err, out)
				break
			}
		}
	}
}

// plugin returns protoc-gen-gohost.
func (p *project) plugin() string {
	p.t.Helper()
	plugin := filepath.Join(p.t.TempDir(), "protoc-gen-gohost")
	p.run(root(p.t), "go", "build", "-o", plugin, "./cmd/protoc-gen-gohost")
	return plugin
}

// generate writes stubs for all services below dir.
func (p *project) generate(dir, plugin string) {
	p.t.Helper()
	template := fmt.Sprintf(`{"version":"v2","plugins":[{"local":%q,"out":".","opt":"paths=source_relative"}]}`, plugin)
	p.run(dir, "go", "tool", "-modfile="+filepath.Join(root(p.t), "tools", "go.mod"), "buf", "generate", ".", "--template", template)
}

// generateFrom writes the stubs of one Go package, in folder of the module in
// dir, of which only the generated code is there: from the descriptor of proto in
// that.
func (p *project) generateFrom(dir, plugin, path, folder, proto string) {
	p.t.Helper()
	name := ""
	files, err := filepath.Glob(filepath.Join(folder, "*.pb.go"))
	if err != nil || len(files) == 0 {
		p.t.Fatalf("no generated code in %s: %v", folder, err)
	}
	for line := range strings.Lines(read(p.t, files[0])) {
		if rest, ok := strings.CutPrefix(line, "package "); ok {
			name = strings.TrimSpace(rest)
			break
		}
	}
	text := strings.NewReplacer("/*name*/", name, "/*import*/", path, "/*folder*/", folder, "/*proto*/", proto, "/*plugin*/", plugin).Replace(read(p.t, "testdata/generate.go.txt"))
	// It is beside the package, which may be internal.
	write(p.t, filepath.Join(folder, "zz_generate", "main.go"), text)
	p.run(dir, "go", "run", "-p=2", path+"/zz_generate")
	if err := os.RemoveAll(filepath.Join(folder, "zz_generate")); err != nil {
		p.t.Fatal(err)
	}
}

// report migrates what is in dir, and compares what was moved and left with a
// file of testdata/public.
func (p *project) report(dir, name string, opts Options, patterns ...string) *Migration {
	p.t.Helper()
	m, err := Run(dir, "", opts, patterns...)
	if err != nil {
		p.t.Fatal(err)
	}
	var out bytes.Buffer
	m.report(dir, &out)
	report := strings.ReplaceAll(out.String(), p.dir, "DIR")
	golden := filepath.Join("testdata", "public", name+".txt")
	if *update {
		write(p.t, golden, report)
	} else if want := read(p.t, golden); report != want {
		p.t.Errorf("%s:\n%s\nwant\n%s\nwrite it by: go test ./internal/migrate -public -update", name, report, want)
	}
	if err := m.write(); err != nil {
		p.t.Fatal(err)
	}
	return m
}

// changed reports whether a file of the folder was changed.
func (m *Migration) changed(dir string) bool {
	for name := range m.Files {
		if filepath.Dir(name) == dir {
			return true
		}
	}
	return false
}
