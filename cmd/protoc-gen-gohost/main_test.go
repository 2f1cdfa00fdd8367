package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/needed"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

func TestMain(m *testing.M) { plugintest.Main(m, main) }

// file returns a file with content, open for reading.
func file(t *testing.T, content []byte) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	return f
}

func request(t *testing.T) []byte {
	t.Helper()
	req, err := plugintest.RequestFromSources("", map[string]string{"hello.proto": `
		syntax = "proto3";
		option go_package = "example.com/hello";
		service Hello { rpc Say(M) returns (stream M); }
		message M {}`}, "hello.proto")
	if err != nil {
		t.Fatal(err)
	}
	b, err := proto.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	stdout, stderr, status := plugintest.Run(t, file(t, request(t)))
	if stderr != "" || status != 0 {
		t.Errorf("stderr %q, exit status %d", stderr, status)
	}
	res := new(pluginpb.CodeGeneratorResponse)
	if err := proto.Unmarshal([]byte(stdout), res); err != nil {
		t.Fatal(err)
	}
	if res.Error != nil || len(res.GetFile()) != 1 || res.GetFile()[0].GetName() != "example.com/hello/hello_gohost.pb.go" {
		t.Errorf("response = %v", res)
	}
}

// A warning goes to standard error and is not a failure.
func TestWarning(t *testing.T) {
	t.Parallel()
	req := new(pluginpb.CodeGeneratorRequest)
	if err := proto.Unmarshal(request(t), req); err != nil {
		t.Fatal(err)
	}
	req.Parameter = proto.String("host_template={service}")
	b, err := proto.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := plugintest.Run(t, file(t, b))
	if !strings.HasPrefix(stderr, "hello.proto:4:17: warning: service Hello: host \"hello\" has a single label") || strings.Count(stderr, "\n") != 1 || status != 0 {
		t.Errorf("stderr %q, exit status %d", stderr, status)
	}
	if !strings.Contains(stdout, `HelloHost = "hello"`) {
		t.Error("there is no output")
	}
}

// An empty request is valid, also from the null device.
func TestEmptyRequest(t *testing.T) {
	t.Parallel()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() //nolint:errcheck // read only
	for name, stdin := range map[string]*os.File{"file": file(t, nil), "null device": null} {
		stdout, stderr, status := plugintest.Run(t, stdin)
		res := new(pluginpb.CodeGeneratorResponse)
		if err := proto.Unmarshal([]byte(stdout), res); err != nil || res.Error != nil || len(res.GetFile()) > 0 || status != 0 || stderr != "" {
			t.Errorf("%s: response %v, %v; stderr %q, exit status %d", name, res, err, stderr, status)
		}
	}
}

func TestBrokenRequest(t *testing.T) {
	t.Parallel()
	whole := request(t)
	for name, stdin := range map[string][]byte{
		"garbage":   []byte("syntax = \"proto3\";\n"),
		"truncated": whole[:len(whole)/2],
	} {
		stdout, stderr, status := plugintest.Run(t, file(t, stdin))
		if stdout != "" || status != 1 || strings.Count(stderr, "\n") != 1 ||
			!strings.HasPrefix(stderr, "protoc-gen-gohost: standard input does not contain a CodeGeneratorRequest") {
			t.Errorf("%s: stdout %q, stderr %q, exit status %d; want one line and 1", name, stdout, stderr, status)
		}
	}
}

func TestByHand(t *testing.T) {
	t.Parallel()
	stdout, stderr, status := plugintest.Run(t, nil, "--version")
	if !strings.HasPrefix(stdout, "protoc-gen-gohost ") || strings.Count(stdout, "\n") != 1 || stderr != "" || status != 0 {
		t.Errorf("--version: stdout %q, stderr %q, exit status %d", stdout, stderr, status)
	}
	const usage = "protoc-gen-gohost is a plugin of protoc and buf"
	if stdout, stderr, status := plugintest.Run(t, nil, "--help"); !strings.HasPrefix(stdout, usage) || stderr != "" || status != 0 {
		t.Errorf("--help: stdout %q, stderr %q, exit status %d", stdout, stderr, status)
	}
	for _, arg := range []string{"--no-such-flag", "square.proto"} {
		if _, stderr, status := plugintest.Run(t, nil, arg); !strings.Contains(stderr, usage) || status != 2 {
			t.Errorf("%s: stderr %q, exit status %d; want the usage and 2", arg, stderr, status)
		}
	}
}

// At a terminal it does not wait for a request.
func TestAtATerminal(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a pseudo terminal of Windows is not a file")
	}
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		needed.Missing(t, "a pseudo terminal", err.Error())
	}
	defer terminal.Close() //nolint:errcheck // nothing was written
	const usage = "protoc-gen-gohost is a plugin of protoc and buf"
	if _, stderr, status := plugintest.Run(t, terminal); !strings.Contains(stderr, usage) || status != 2 {
		t.Errorf("at a terminal: stderr %q, exit status %d; want the usage and 2", stderr, status)
	}
}

// A user with only the command gets the .proto that declarations import, and
// again after an update.
func TestExportProto(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want, err := os.ReadFile("../../proto/gohost/v1/options.proto")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "third_party", "gohost", "v1", "options.proto")
	for range 2 {
		stdout, stderr, status := plugintest.Run(t, nil, "--export-proto", filepath.Join(dir, "third_party"))
		if stdout != name+"\n" || stderr != "" || status != 0 {
			t.Errorf("stdout %q, stderr %q, exit status %d", stdout, stderr, status)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not the file of the module: %v", name, err)
		}
		if err := os.WriteFile(name, []byte("an older one"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stdout, stderr, status := plugintest.Run(t, nil, "--export-proto", name)
	if stdout != "" || !strings.HasPrefix(stderr, "protoc-gen-gohost: export: ") || status != 1 {
		t.Errorf("below a file: stdout %q, stderr %q, exit status %d", stdout, stderr, status)
	}
}
