// Package injection runs generators of constructors and mocks for Go on the output of
// protoc-gen-gohost, and runs the program that uses their output.
//
// The program is a module of its own, because only it needs the dependencies of these
// generators.
package injection

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProgram builds the program and runs its tests, each of which is a case.
func TestProgram(t *testing.T) {
	t.Parallel()
	if out, err := command(t, "program", "vet", "./...").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := command(t, "program", "test", "-count=1", "-json", "-timeout=2m", "./...")
	stderr := new(bytes.Buffer)
	cmd.Stderr = stderr
	out, err := cmd.Output()
	ended := make(map[string]string) // how tests ended, by name
	output := make(map[string]string)
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var event struct{ Action, Test, Output string }
		if err := decoder.Decode(&event); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v: %s%s", err, out, stderr)
		}
		switch event.Action {
		case "output":
			output[event.Test] += event.Output
		case "pass", "fail", "skip":
			ended[event.Test] = event.Action
		}
	}
	for _, name := range []string{
		"Wire", "Dig",
		"Mockgen/client", "Mockgen/broken_stream", "Mockgen/server", "Mockgen/unexpected_call_of_a_server",
		"Mockery/client", "Mockery/broken_stream", "Mockery/server", "Mockery/unexpected_call_of_a_server",
		"Moq/client", "Moq/broken_stream", "Moq/server", "Moq/unexpected_call",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ended["Test"+name]; got != "pass" {
				t.Errorf("%q, want pass\n%s", got, output["Test"+name])
			}
		})
	}
	if err != nil {
		t.Errorf("%v\n%s%s", err, output[""], stderr)
	}
}

func TestWire(t *testing.T) {
	t.Parallel()
	t.Run("generates what is committed", func(t *testing.T) {
		t.Parallel()
		checkGenerated(t, "go tool wire", "github.com/google/wire", "wire_gen.go")
	})
	// This is why a stub is made from a connection alone.
	t.Run("provides no variadic of options", func(t *testing.T) {
		t.Parallel()
		dir := clone(t)
		replace(t, filepath.Join(dir, "wire.go"), "squares.NewSquareServiceStub,", "variadic,")
		write(t, filepath.Join(dir, "variadic.go"), `package main

import (
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/testdata/squares"
)

func variadic(cc grpc.ClientConnInterface, opts ...grpc.CallOption) squares.SquareServiceStub {
	return squares.NewSquareServiceStub(cc).With(opts...)
}
`)
		checkRefused(t, dir, "no provider found for []google.golang.org/grpc.CallOption", "tool", "wire")
	})
}

func TestMockgen(t *testing.T) {
	t.Parallel()
	const mock = "mocks/mockgen/square.go"
	t.Run("package mode", func(t *testing.T) {
		t.Parallel()
		checkGenerated(t, "go tool mockgen", "go.uber.org/mock", mock)
	})
	t.Run("source mode writes the same code", func(t *testing.T) {
		t.Parallel()
		cmd := command(t, "program", "tool", "mockgen", "-source=../../../testdata/squares/square_gohost.pb.go", "-package=mockgen")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err, stderrOf(err))
		}
		if diff := cmp.Diff(code(read(t, filepath.Join("program", mock))), code(string(out))); diff != "" {
			t.Errorf("package mode and source mode (-package +source):\n%s", diff)
		}
	})
}

func TestMockery(t *testing.T) {
	t.Parallel()
	t.Run("testify and matryer", func(t *testing.T) {
		t.Parallel()
		checkGenerated(t, "go tool mockery", "github.com/vektra/mockery/v3", "mocks/mockery/square.go", "mocks/moq/square.go")
	})
	t.Run("needs include-auto-generated", func(t *testing.T) {
		t.Parallel()
		dir := clone(t)
		replace(t, filepath.Join(dir, ".mockery.yml"), "include-auto-generated: true", "include-auto-generated: false")
		checkRefused(t, dir, "interface not found in source", "tool", "mockery")
	})
}

// checkGenerated runs a line of generate.go, for a tool in module, in a copy of the
// program without files, and compares the results with the committed files.
func checkGenerated(t *testing.T, line, module string, files ...string) {
	t.Helper()
	version, err := command(t, "program", "list", "-m", "-f", "{{.Version}}", module).Output()
	if err != nil {
		t.Fatal(err, stderrOf(err))
	}
	t.Attr("seen", strings.TrimSpace(string(version)))
	dir := clone(t)
	for _, file := range files {
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := command(t, dir, "generate", "-run", line, "./...").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	for _, file := range files {
		if diff := cmp.Diff(read(t, filepath.Join("program", file)), read(t, filepath.Join(dir, file))); diff != "" {
			t.Errorf("%s (-committed +generated):\n%s\nto repair it, run go generate ./... in e2e/injection/program", file, diff)
		}
	}
}

// checkRefused checks that the go command fails in dir and prints want.
func checkRefused(t *testing.T, dir, want string, args ...string) {
	t.Helper()
	out, err := command(t, dir, args...).CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || !strings.Contains(string(out), want) {
		t.Errorf("go %s: %v\n%s\nwant a failure with %q", strings.Join(args, " "), err, out, want)
	}
}

// clone returns a copy of the program for the test.
func clone(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "program")
	if err := os.CopyFS(dir, os.DirFS("program")); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(dir, "go.mod"), "=> ../../../", "=> "+root)
	return dir
}

// command returns a go command in dir.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	return cmd
}

func stderrOf(err error) string {
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return string(exit.Stderr)
	}
	return ""
}

// code returns Go code without the comments at its top, which say how it was generated.
func code(text string) string {
	_, text, _ = strings.Cut(text, "\npackage ")
	return text
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replace replaces old in a file, which must contain it.
func replace(t *testing.T, file, old, text string) {
	t.Helper()
	whole := read(t, file)
	if !strings.Contains(whole, old) {
		t.Fatalf("%s does not contain %q", file, old)
	}
	write(t, file, strings.ReplaceAll(whole, old, text))
}
