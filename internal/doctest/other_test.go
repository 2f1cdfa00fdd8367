package doctest

import (
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/needed"
	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/internal/routing"
)

// Blocks of .proto compile, and protoc-gen-gohost accepts them.
func TestProto(t *testing.T) {
	t.Parallel()
	sources := make(map[string]string)
	for _, name := range []string{"gohost/v1/options.proto"} {
		sources[name] = readFile(t, "proto/"+name)
	}
	for _, b := range blocks(t) {
		if b.language != "proto" || b.has("file") {
			continue
		}
		sources := maps.Clone(sources)
		sources["doc.proto"] = wholeProto(b.text)
		req, err := plugintest.RequestFromSources("Mdoc.proto=example.com/doc", sources, "doc.proto")
		if err != nil {
			t.Errorf("%v: %v", b, err)
			continue
		}
		if _, err := plugintest.Files(generator.Generate(req, io.Discard)); err != nil {
			t.Errorf("%v: %v", b, err)
		}
	}
}

var (
	wholeFile = regexp.MustCompile(`(?m)^(syntax|edition) = `)
	inService = regexp.MustCompile(`^(//.*\n)*\s*(rpc|option \(gohost\.v1\.service\))`)
	inMethod  = regexp.MustCompile(`^option \(gohost\.v1\.method\)`)
	rpcTypes  = regexp.MustCompile(`\(\s*(?:stream )?(\w+)\s*\)`)
)

// wholeProto completes a fragment of a .proto.
func wholeProto(text string) string {
	if wholeFile.MatchString(text) {
		return text
	}
	text = strings.ReplaceAll(text, "…", "")
	if inMethod.MatchString(text) {
		text = "rpc Method(Message) returns (Message) {\n" + text + "}\n"
	}
	if inService.MatchString(text) {
		text = "service Service {\n" + text + "}\n"
	}
	messages := make(map[string]bool)
	for _, m := range rpcTypes.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, "message "+m[1]+" ") {
			messages["message "+m[1]+" {}\n"] = true
		}
	}
	return "syntax = \"proto3\";\npackage doc;\nimport \"gohost/v1/options.proto\";\n" +
		text + strings.Join(slices.Sorted(maps.Keys(messages)), "")
}

// Blocks of Python parse. Their behaviour is tested in e2e.
func TestPython(t *testing.T) {
	t.Parallel()
	python := needed.Program(t, "python3", "on Debian apt-get install python3")
	for _, b := range blocks(t) {
		if b.language != "python" {
			continue
		}
		// A fragment may use await and return.
		text := "async def fragment():\n" + regexp.MustCompile(`(?m)^`).ReplaceAllString(b.text, "    ") + "pass\n"
		cmd := exec.CommandContext(t.Context(), python, "-c", "import ast, sys; ast.parse(sys.stdin.read())")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", b, out)
		}
	}
}

// Everything that the commands in the documents name exists.
func TestShell(t *testing.T) {
	t.Parallel()
	for _, b := range blocks(t) {
		if b.language != "sh" && b.language != "console" || b.has("run") || b.has("file") {
			continue
		}
		if m := environment.FindStringSubmatch(b.text); m != nil {
			if err := routing.CheckEnvironment(m[1], []string{"acme.v1.Square", "acme.v1.Orders"}); err != nil {
				t.Errorf("%v: %v", b, err)
			}
		}
		text := strings.ReplaceAll(b.text, "\\\n", " ")
		if b.language == "console" {
			text = strings.Join(typed.FindAllString(text, -1), "")
		}
		for line := range strings.Lines(text) {
			line, _, _ = strings.Cut(line, " #")
			for _, command := range strings.Split(strings.TrimPrefix(line, "$ "), "&&") {
				if problem := checkCommand(t, strings.Fields(command)); problem != "" {
					t.Errorf("%v: %s: %s", b, strings.TrimSpace(command), problem)
				}
			}
		}
	}
}

// environment matches a setting of GOHOST_HOSTS, which a program would read.
var environment = regexp.MustCompile(`GOHOST_HOSTS="(.*)"`)

// typed matches the commands in a block that also shows output.
var typed = regexp.MustCompile(`(?m)^\$ .*\n`)

var makeTarget = regexp.MustCompile(`(?m)^([\w-]+):.*##`)

// checkCommand returns what is wrong with a command, or "".
func checkCommand(t *testing.T, args []string) string {
	t.Helper()
	// Skip variables that are set for the command, and changes of folder.
	for len(args) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(args[0]) {
		args = args[1:]
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "#") {
		return ""
	}
	switch args[0] {
	case "make":
		for _, target := range args[1:] {
			if !slices.ContainsFunc(makeTarget.FindAllStringSubmatch(readFile(t, "Makefile"), -1), func(m []string) bool { return m[1] == target }) {
				return "the Makefile has no target " + target
			}
		}
	case "go":
		return checkGo(args)
	case "cd":
		return checkFolder(args[1])
	case "apt-get", "sudo", "brew", "protoc", "docker", "git", "curl", "grpcurl", "export", "kubectl", "python3", "buf", "gohostvet", "gohostmigrate", "protoc-gen-gohost", "protoc-gen-gohost-proxy", "nginx", "haproxy", "caddy", "envoy":
	default:
		return "not a command that is known here: look at TestShell, or have it run"
	}
	return ""
}

const module = "github.com/gohostrpc/gohost"

// checkGo checks the packages that a go command names.
func checkGo(args []string) string {
	for _, arg := range args[2:] {
		path, _, _ := strings.Cut(arg, "@")
		switch {
		case strings.HasPrefix(path, module):
			return checkFolder("." + strings.TrimPrefix(path, module))
		case strings.HasPrefix(path, "./") && args[1] != "build":
			return checkFolder(strings.TrimSuffix(strings.TrimSuffix(path, "..."), "/"))
		}
	}
	return ""
}

func checkFolder(name string) string {
	if found, err := filepath.Glob(filepath.Join(root, name, "*")); err != nil || len(found) == 0 {
		return "there is no folder " + name
	}
	return ""
}
