package compilers

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/needed"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

const (
	root    = "../.."
	options = root + "/proto"
)

// compiler is a protoc.
type compiler struct {
	version string   // such as 3.21.12, and 25.9 after that
	command []string // with the import path of google/protobuf, unless it has its own
}

// newest returns the newest of syntaxes that c supports.
func (c compiler) newest() string {
	var major int
	fmt.Sscan(c.version, &major) //nolint:errcheck // 0 is old
	switch {
	case major >= 32:
		return "edition2024.proto"
	case major >= 27:
		return "edition2023.proto"
	}
	return "proto3.proto"
}

// old reports whether c does not support proto3's "optional", and does not say where
// the options of a service are.
func (c compiler) old() bool {
	var minor int
	n, _ := fmt.Sscanf(c.version, "3.%d", &minor)
	return n == 1 && minor < 12
}

// syntaxes are the files in testdata/syntaxes, starting with the one that every protoc
// supports.
var syntaxes = []string{"proto2.proto", "proto3.proto", "edition2023.proto", "edition2024.proto"}

// python is Debian's: another Python on the PATH may not have protoc.
const python = "/usr/bin/python3"

// compilers returns the oldest protoc that can be installed, Debian's, and some from
// npm.
func compilers(t *testing.T) []compiler {
	t.Helper()
	if err := exec.Command(python, "-c", "import grpc_tools").Run(); err != nil {
		needed.Missing(t, "grpc_tools for "+python, "apt-get install python3-grpc-tools")
	}
	npm := proc.Find(t, "npm", "apt-get install nodejs npm")
	if out, err := installed(npm); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	ofNPM := func(name string) []string {
		dir := filepath.Join("node", "node_modules", name)
		arch := map[string]string{"amd64": "x86_64", "arm64": "aarch_64"}[runtime.GOARCH]
		return []string{filepath.Join(dir, "bin", "protoc-linux-"+arch), "-I", filepath.Join(dir, "include")}
	}
	var all []compiler
	for _, command := range [][]string{
		{python, "-m", "grpc_tools.protoc"},
		{proc.Find(t, "protoc", "apt-get install protobuf-compiler libprotobuf-dev")},
		ofNPM("protoc-25"),
		ofNPM("protoc-36"),
	} {
		c := compiler{command: command}
		version := run(t, exec.Command(command[0], append(command[1:len(command):len(command)], "--version")...))
		if _, err := fmt.Sscanf(version, "libprotoc %s", &c.version); err != nil {
			t.Fatalf("%q: %v", version, err)
		}
		all = append(all, c)
	}
	if !all[0].old() {
		t.Errorf("%s has protoc %s, which is not old: find another one", all[0].command, all[0].version)
	}
	return all
}

// installed installs npm's versions of protoc, once.
var installed = func() func(npm string) ([]byte, error) {
	var once sync.Once
	var out []byte
	var err error
	return func(npm string) ([]byte, error) {
		once.Do(func() {
			cmd := exec.Command(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
			cmd.Dir = "node"
			out, err = cmd.CombinedOutput()
		})
		return out, err
	}
}()

// arguments returns the arguments with which users let c import options.proto.
func (c compiler) arguments(args ...string) []string {
	return append(append(c.command[1:len(c.command):len(c.command)], "-I", options), args...)
}

// Every protoc can import options.proto into each syntax that it supports. For its
// request, the plugin generates the same as in process.
func TestEveryProtoc(t *testing.T) {
	t.Parallel()
	plugin := build(t, "protoc-gen-gohost")
	want := inProcess(t)
	for _, c := range compilers(t) {
		t.Run(c.version, func(t *testing.T) {
			t.Parallel()
			for _, syntax := range syntaxes {
				out := t.TempDir()
				run(t, exec.Command(c.command[0], c.arguments("-I", "testdata/syntaxes", "--plugin="+plugin, "--gohost_out="+out, "--gohost_opt=paths=source_relative", syntax)...))
				if diff := cmp.Diff(want[syntax], read(t, filepath.Join(out, strings.TrimSuffix(syntax, ".proto")+"_gohost.pb.go"))); diff != "" {
					t.Errorf("%s (-in process +%s):\n%s", syntax, c.version, diff)
				}
				if syntax == c.newest() {
					break
				}
			}
		})
	}
}

// inProcess returns the code that is generated in process from each of syntaxes.
func inProcess(t *testing.T) map[string]string {
	t.Helper()
	generated := make(map[string]string)
	for _, syntax := range syntaxes {
		if syntax == "edition2024.proto" {
			// protocompile does not support "import option". Otherwise the file equals
			// the one before it.
			generated[syntax] = strings.ReplaceAll(generated["edition2023.proto"], "edition2023", "edition2024")
			continue
		}
		req, err := plugintest.Request("paths=source_relative", []string{"testdata/syntaxes", options}, syntax)
		if err != nil {
			t.Fatal(err)
		}
		files, err := plugintest.Files(generator.Generate(req, io.Discard))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range files {
			generated[syntax] = text
		}
		for _, host := range []string{`"templated.example"`, `"declared.example"`, `"*.declared.example"`, `"bulk.example"`} {
			if !strings.Contains(generated[syntax], host) {
				t.Errorf("%s: no host %s in\n%s", syntax, host, generated[syntax])
			}
		}
	}
	return generated
}

// The error for an option that no compiler checks names the place.
func TestHostBeyondUTF8(t *testing.T) {
	t.Parallel()
	plugin := build(t, "protoc-gen-gohost")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.proto"), `syntax = "proto3";
package a;
import "gohost/v1/options.proto";
option go_package = "example.com/a";
service A {
  option (gohost.v1.service).host = "\xff\xfe";
}
`)
	for _, c := range compilers(t) {
		t.Run(c.version, func(t *testing.T) {
			t.Parallel()
			out, err := exec.Command(c.command[0], c.arguments("-I", dir, "--plugin="+plugin, "--gohost_out="+t.TempDir(), "a.proto")...).CombinedOutput()
			place := "6:3"
			if c.old() {
				place = "5:1"
			}
			if want := "a.proto:" + place + `: service a.A: invalid host "\xff\xfe": it is not ASCII`; err == nil || !strings.Contains(string(out), want) {
				t.Errorf("error %v, with %s, want %s", err, out, want)
			}
		})
	}
}

// build builds a command of the root module, and returns its path.
func build(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/"+name)
	cmd.Dir = root
	run(t, cmd)
	return path
}

func run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil { //nolint:gosec // it is read by other programs
		t.Fatal(err)
	}
}
