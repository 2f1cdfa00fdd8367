package compilers

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// A go_proto_library with the go_proto_compiler of testdata/bazel runs a program of
// rules_go. That program runs here without Bazel. It asks for an output for each
// .proto, with or without services.
func TestBazel(t *testing.T) {
	t.Parallel()
	protoc := proc.Find(t, "protoc", "apt-get install protobuf-compiler libprotobuf-dev")
	rule := read(t, "testdata/bazel/BUILD.bazel")
	suffix := regexp.MustCompile(`suffix = "(.+)"`).FindStringSubmatch(rule)[1]
	importPath := regexp.MustCompile(`importpath = "(.+)"`).FindStringSubmatch(rule)[1]

	dir := t.TempDir()
	write(t, filepath.Join(dir, "proto/acme.proto"), read(t, "testdata/proto/acme/v1/acme.proto"))
	write(t, filepath.Join(dir, "proto/messages.proto"), "syntax = \"proto3\";\npackage acme.v1;\noption go_package = \""+importPath+";acmev1\";\nmessage Other {}\n")
	sets := filepath.Join(dir, "sets.pb")
	run(t, exec.CommandContext(t.Context(), protoc, "-I", filepath.Join(dir, "proto"), "-I", options, "--include_imports", "--include_source_info", "-o", sets, "acme.proto", "messages.proto"))

	out := filepath.Join(dir, "out", importPath)
	expected := func(name string) string { return filepath.Join(out, name+suffix) }
	write(t, expected("acme"), "") // its folder, which Bazel makes
	run(t, exec.CommandContext(t.Context(), rulesGoProtoc(t), "-protoc", protoc, "-importpath", importPath, "-out_path", filepath.Join(dir, "out"),
		"-plugin", build(t, "protoc-gen-gohost"), "-descriptor_set", sets,
		"-expected", expected("acme"), "-expected", expected("messages"),
		"-import", "acme.proto="+importPath, "-import", "messages.proto="+importPath, "acme.proto", "messages.proto"))

	direct := t.TempDir()
	run(t, exec.CommandContext(t.Context(), protoc, "-I", filepath.Join(dir, "proto"), "-I", options, "--plugin="+build(t, "protoc-gen-gohost"),
		"--gohost_out="+direct, "--gohost_opt=paths=source_relative", "acme.proto"))
	if diff := cmp.Diff(read(t, filepath.Join(direct, "acme_gohost.pb.go")), read(t, expected("acme"))); diff != "" {
		t.Errorf("acme.proto (-protoc +rules_go):\n%s", diff)
	}
	if text := read(t, expected("messages")); !strings.Contains(text, "+build ignore") {
		t.Errorf("the output for a file without services contains code:\n%s", text)
	}
}

// rulesGoProtoc builds the program with which rules_go runs protoc, and returns its
// path. Its files are a part of what Bazel builds.
func rulesGoProtoc(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/bazelbuild/rules_go@v0.65.0")
	cmd.Dir = dir
	m := regexp.MustCompile(`"Dir": "(.+)"`).FindStringSubmatch(run(t, cmd))
	if m == nil {
		t.Fatal("rules_go has no folder")
	}
	for _, name := range []string{"env.go", "flags.go", "protoc.go"} {
		write(t, filepath.Join(dir, name), read(t, filepath.Join(m[1], "go/tools/builders", name)))
	}
	program := filepath.Join(dir, "go-protoc")
	cmd = exec.CommandContext(t.Context(), "go", "build", "-o", program, "env.go", "flags.go", "protoc.go")
	cmd.Dir = dir
	run(t, cmd)
	return program
}
