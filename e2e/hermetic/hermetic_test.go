// Package hermetic watches the plugins' system calls: they open no file and no socket,
// and their output depends only on the request.
package hermetic

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// calls matches system calls that access anything outside the program, and quoted
// matches the path that they name.
var (
	calls  = "trace=%file,%network,%process"
	quoted = regexp.MustCompile(`"([^"]*)"`)
)

// runtimePaths are prefixes of the paths that Go's runtime reads when a program starts.
var runtimePaths = []string{"/proc/self/", "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage/"}

func TestNoFileNoSocket(t *testing.T) {
	t.Parallel()
	strace := proc.Find(t, "strace", "apt-get install strace")
	for _, name := range plugins(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugin := build(t, name)
			log := filepath.Join(t.TempDir(), "log")
			cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-e", calls, "-e", "signal=none", "-o", log, plugin)
			if res := plugintest.Exec(t, cmd, request(t, parameters[name])); res.Error != nil || len(res.GetFile()) == 0 {
				t.Fatalf("response = %v", res)
			}
			b, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			seen := 0
			for line := range strings.Lines(string(b)) {
				if allowed(line, plugin) {
					seen++
				} else {
					t.Errorf("system call: %s", line)
				}
			}
			if seen == 0 {
				t.Error("strace has logged nothing, not even the start")
			}
		})
	}
}

// allowed reports whether every Go program makes the call in a line of strace's log.
func allowed(line, plugin string) bool {
	_, call, _ := strings.Cut(strings.TrimSpace(line), " ") // after the process id
	call = strings.TrimSpace(call)
	if strings.HasPrefix(call, "<... ") { // the end of an interrupted call, whose beginning has its own line
		return true
	}
	path := ""
	if m := quoted.FindStringSubmatch(call); m != nil {
		path = m[1]
	}
	switch name, _, _ := strings.Cut(call, "("); name {
	case "execve":
		return path == plugin
	case "open", "openat", "readlinkat", "readlink", "statfs", "newfstatat":
		if path == plugin { // protobuf hashes it, to vary the texts of its errors
			return true
		}
		for _, prefix := range runtimePaths {
			if strings.HasPrefix(path, prefix) {
				return true
			}
		}
		return strings.HasPrefix(call, `newfstatat(0, ""`) || strings.HasPrefix(call, `newfstatat(AT_FDCWD, "/dev/null"`)
	case "clone", "clone3", "exit", "exit_group", "+++", "tgkill", "rt_sigreturn", "pidfd_open", "waitid":
		return true // threads
	}
	return false
}

// The response is the same in another folder, with another environment, and in its own
// network, where nothing listens.
func TestRequestAlone(t *testing.T) {
	t.Parallel()
	plugin := build(t, "protoc-gen-gohost")
	req := request(t, parameters["protoc-gen-gohost"])
	want := plugintest.Exec(t, exec.CommandContext(t.Context(), plugin), req)
	elsewhere := exec.CommandContext(t.Context(), plugin)
	elsewhere.Dir = t.TempDir()
	elsewhere.Env = []string{"HOME=/nowhere", "TZ=Asia/Tokyo", "LANG=tr_TR.UTF-8", "GOOS=windows", "GOARCH=arm", "GOPATH=/nowhere", "GOFLAGS=-x",
		"GOMAXPROCS=1", "GOHOST_HOSTS=*=other.example"}
	for name, got := range map[string]*pluginpb.CodeGeneratorResponse{
		"another folder and environment": plugintest.Exec(t, elsewhere, req),
		"another order of the files":     plugintest.Exec(t, exec.CommandContext(t.Context(), plugin), plugintest.Reorder(req)),
	} {
		gotFiles, err := plugintest.Files(got)
		if err != nil {
			t.Fatal(err)
		}
		wantFiles, err := plugintest.Files(want)
		if err != nil {
			t.Fatal(err)
		}
		if len(gotFiles) != len(wantFiles) || len(wantFiles) == 0 {
			t.Errorf("%s: %d files, want %d", name, len(gotFiles), len(wantFiles))
		}
		for file, text := range wantFiles {
			if gotFiles[file] != text {
				t.Errorf("%s: %s differs", name, file)
			}
		}
	}
}

// plugins are the commands that protoc starts.
func plugins(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("../../cmd/protoc-gen-*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no plugins: %v", err)
	}
	var names []string
	for _, dir := range dirs {
		names = append(names, filepath.Base(dir))
	}
	return names
}

func build(t *testing.T, name string) string {
	t.Helper()
	plugin := filepath.Join(t.TempDir(), name)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", plugin, "github.com/gohostrpc/gohost/cmd/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // a dynamic linker would open files
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return plugin
}

// parameters are the parameters that a plugin needs.
var parameters = map[string]string{
	"protoc-gen-gohost":       "paths=source_relative",
	"protoc-gen-gohost-proxy": "target=nginx,upstream=127.0.0.1:50051",
}

func request(t *testing.T, parameter string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	files, err := filepath.Glob("../../testdata/*/*.proto")
	if err != nil {
		t.Fatal(err)
	}
	var protos []string
	for _, file := range files {
		name, err := filepath.Rel("../../testdata", file)
		if err != nil {
			t.Fatal(err)
		}
		if dir := filepath.Dir(name); !strings.HasPrefix(dir, "invalid") && dir != "packagesuffix" {
			protos = append(protos, filepath.ToSlash(name))
		}
	}
	req, err := plugintest.Request(parameter, []string{"../../testdata", "../../proto"}, protos...)
	if err != nil {
		t.Fatal(err)
	}
	return req
}
