package doctest

import (
	"encoding/json"
	"go/version"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	goLine      = regexp.MustCompile(`(?m)^go (\S+)$`)
	requirement = regexp.MustCompile(`(?m)^(?:require |\t)(\S+) (v\S+)`)
)

// requirements returns the versions that the text of a go.mod requires, by module.
func requirements(gomod string) map[string]string {
	versions := make(map[string]string)
	for _, m := range requirement.FindAllStringSubmatch(gomod, -1) {
		versions[m[1]] = m[2]
	}
	return versions
}

// docs/compatibility.md states what go.mod requires: raising a version means
// changing the page, which says why it is not lower.
func TestCompatibilityStatesTheLowestVersions(t *testing.T) {
	t.Parallel()
	gomod, page := readFile(t, "go.mod"), readFile(t, "docs/compatibility.md")
	versions := requirements(gomod)
	versions["Go"] = goLine.FindStringSubmatch(gomod)[1]
	for _, what := range []string{"Go", "google.golang.org/grpc", "google.golang.org/protobuf"} {
		if row := "\n| " + what + " | " + versions[what] + " |"; versions[what] == "" || !strings.Contains(page, row) {
			t.Errorf("docs/compatibility.md has no line %q: it states the lowest versions, those of go.mod, and why they are not lower", row[1:])
		}
	}
	if strings.Contains(gomod, "\ntoolchain ") {
		t.Error("go.mod names a toolchain: that is for those who build to choose")
	}
}

// No requirement is newer than another one needs. If our code needs a newer Go than they
// do, this test and docs/compatibility.md have to say so.
func TestGoModAsksForNothingInVain(t *testing.T) {
	t.Parallel()
	gomod := readFile(t, "go.mod")
	versions := requirements(gomod)
	args := append([]string{"list", "-m", "-f", "{{.Path}} {{.GoVersion}} {{.GoMod}}"}, slices.Sorted(maps.Keys(versions))...)
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -m: %v", err)
	}
	lowest, whose := "", ""
	var grpc map[string]string
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			t.Fatalf("go list -m printed %q, want a module, its Go and its go.mod", line)
		}
		if version.Compare("go"+fields[1], "go"+lowest) > 0 {
			lowest, whose = fields[1], fields[0]
		}
		if fields[0] == "google.golang.org/grpc" {
			text, err := os.ReadFile(fields[2])
			if err != nil {
				t.Fatal(err)
			}
			grpc = requirements(string(text))
		}
	}
	if got := goLine.FindStringSubmatch(gomod)[1]; got != lowest {
		t.Errorf("go.mod asks for go %s, but its requirements for no more than go %s (%s)", got, lowest, whose)
	}
	for _, along := range []string{"golang.org/x/net", "google.golang.org/genproto/googleapis/rpc"} {
		if versions[along] == "" || versions[along] != grpc[along] {
			t.Errorf("go.mod asks for %s %s, but grpc, with which it comes along, for %s", along, versions[along], grpc[along])
		}
	}
}

// Generated code does not compile with a runtime that is older than its plugin, and
// says what to do.
func TestOlderRuntimeDoesNotCompile(t *testing.T) {
	t.Parallel()
	handshake := regexp.MustCompile(`\bIsAtLeastVersion\w+`)
	older := make(map[string]string)
	files, err := filepath.Glob(filepath.Join(root, "stub", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") || !handshake.Match(text) {
			continue
		}
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		older[path] = filepath.Join(t.TempDir(), filepath.Base(name))
		if err := os.WriteFile(older[path], handshake.ReplaceAll(text, []byte("${0}OfAnother")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": older})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	const generated = "testdata/squares"
	cmd := exec.Command("go", "build", "-overlay", list, "./"+generated)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	m := regexp.MustCompile(`square_gohost\.pb\.go:\d+:\d+: undefined: stub\.(IsAtLeastVersion\w+)`).FindSubmatch(out)
	if err == nil || m == nil {
		t.Fatalf("go build: %v, %s\nwant an error that a constant of stub is undefined", err, out)
	}
	const advice = "go get github.com/gohostrpc/gohost@latest"
	before, _, _ := strings.Cut(readFile(t, generated+"/square_gohost.pb.go"), "stub."+string(m[1]))
	if lines := strings.Split(before, "\n"); !strings.Contains(strings.Join(lines[max(0, len(lines)-4):], "\n"), advice) {
		t.Errorf("the comment at stub.%s does not advise %q", m[1], advice)
	}
}
