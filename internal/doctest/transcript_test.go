package doctest

import (
	"archive/zip"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	transcripts = flag.Bool("transcripts", false, "run the commands of README.md, docs/first-hour.md, docs/importing.md, docs/migrating-tool.md and docs/surviving.md on a fresh clone")
	update      = flag.Bool("update", false, "write what the commands of a page print into it")
)

// The commands of a transcript print what the transcript says. They run on a
// clone of the last commit, with a module proxy that serves this clone as
// v0.1.0.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	if !*transcripts {
		t.Skip("slow: run it by -transcripts")
	}
	for _, page := range []string{"docs/first-hour.md", "docs/migrating-tool.md", "docs/surviving.md"} {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t)
			text := readFile(t, page)
			for _, b := range blocksOf(t, page) {
				switch {
				case b.has("write"):
					s.write(t, b.settings["write"], b.text)
				case b.language == "console":
					text = strings.Replace(text, b.text, s.replay(t, b), 1)
				}
			}
			if *update {
				if err := os.WriteFile(filepath.Join(root, page), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// The README's ways to install and to generate work, each in its own project. Those that
// install tools of the project run before those that add to the PATH.
func TestReadmeWorks(t *testing.T) {
	t.Parallel()
	if !*transcripts {
		t.Skip("slow: run it by -transcripts")
	}
	s := newSandbox(t)
	s.buildBuf(t)
	proto := readFile(t, "testdata/migrating/library.proto")
	for _, without := range []string{"import \"gohost/v1/options.proto\";\n", "  option (gohost.v1.service) = {host: \"library.example\"};\n"} {
		proto = strings.Replace(proto, without, "", 1)
	}
	proto = strings.Replace(proto, module+"/testdata/migrating", "example.com/library/gen", 1)
	install := ""
	for _, b := range blocksOf(t, "README.md") {
		if b.has("install") {
			install = b.text
		}
		if !b.has("run") {
			continue
		}
		project := filepath.Join(s.dir, fmt.Sprintf("project%d", b.line))
		s.write(t, filepath.Base(project)+"/library.proto", proto)
		s.cwd = project
		s.succeed(t, "set -e; go mod init example.com/library\n"+install)
		switch b.language {
		case "yaml":
			s.write(t, filepath.Base(project)+"/buf.gen.yaml", b.text)
			s.succeed(t, "buf generate")
		default:
			s.succeed(t, "mkdir -p gen && "+b.text)
		}
		s.succeed(t, "go mod tidy && go vet ./... && test -f gen/library_gohost.pb.go")
	}
}

// The commands of docs/importing.md work, one after the other, in a project with a host,
// and then that of docs/proxies.md.
func TestImportingWorks(t *testing.T) {
	t.Parallel()
	if !*transcripts {
		t.Skip("slow: run it by -transcripts")
	}
	s := newSandbox(t)
	for name, pkg := range map[string]string{"proto/acme/v1/acme.proto": "acme.v1", "square.proto": "square", "feed.proto": "feed"} {
		s.write(t, name, `syntax = "proto3";
package `+pkg+`;
import "gohost/v1/options.proto";
option go_package = "example.com/user/`+pkg+`;pb";
service Service {
  option (gohost.v1.service) = {host: "`+pkg+`.example"};
  rpc Get(Request) returns (Request);
}
message Request {}
`)
	}
	s.succeed(t, "go mod init example.com/user && mkdir python deploy && go get "+module+"@latest")
	s.succeed(t, "go install google.golang.org/protobuf/cmd/protoc-gen-go@latest && go install "+
		module+"/cmd/protoc-gen-gohost@latest "+module+"/cmd/protoc-gen-gohost-proxy@latest")
	ran := 0
	for _, b := range append(blocksOf(t, "docs/importing.md"), blocksOf(t, "docs/proxies.md")...) {
		if b.language == "sh" && b.has("run") {
			s.succeed(t, "set -e; rm -rf example.com\n"+b.text)
			ran++
		}
	}
	if s.succeed(t, "test -f python/gohost/v1/options_pb2.py && test -f deploy/nginx.conf"); ran != 5 {
		t.Errorf("%d blocks were run", ran)
	}
}

// sandbox is the machine of a new user, with Go, protoc and git.
type sandbox struct {
	dir string
	cwd string
	env []string
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	for _, tool := range []string{"git", "protoc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v: install it, on Debian by apt-get install git protobuf-compiler libprotobuf-dev", err)
		}
	}
	s := &sandbox{dir: t.TempDir()}
	s.cwd = s.dir
	origin := filepath.Join(s.dir, "origin")
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	s.env = append(os.Environ(), "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
	s.succeed(t, "git clone --quiet '"+repository+"' '"+origin+"'")

	proxy := filepath.Join(s.dir, "proxy")
	serveModule(t, proxy, module, origin)
	serveModule(t, proxy, module+"/cmd/gohostvet", filepath.Join(origin, "cmd/gohostvet"))
	goproxy, cache := goEnv(t, "GOPROXY"), goEnv(t, "GOMODCACHE")
	bin := filepath.Join(s.dir, "go", "bin")
	s.env = append(os.Environ(),
		"GOPATH="+filepath.Join(s.dir, "go"),
		"GOMODCACHE="+filepath.Join(s.dir, "go", "pkg", "mod"),
		// Do not download again what this machine already has.
		"GOPROXY=file://"+proxy+",file://"+filepath.Join(cache, "cache", "download")+","+goproxy,
		"GONOSUMDB="+module+","+module+"/*",
		"GOFLAGS=-modcacherw -trimpath -buildvcs=false", "GOBIN=", "GOWORK=off",
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GIT_CONFIG_COUNT=2",
		"GIT_CONFIG_KEY_0=url."+origin+".insteadOf", "GIT_CONFIG_VALUE_0=https://"+module,
		"GIT_CONFIG_KEY_1=safe.directory", "GIT_CONFIG_VALUE_1=*",
	)
	s.succeed(t, "mkdir -p '"+bin+"'")
	return s
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// serveModule puts dir, without the modules in it, into a proxy as v0.1.0.
func serveModule(t *testing.T, proxy, path, dir string) {
	t.Helper()
	const version = "v0.1.0"
	versions := filepath.Join(proxy, path, "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"list": version + "\n", version + ".info": `{"Version":"` + version + `","Time":"2026-01-01T00:00:00Z"}`, version + ".mod": string(gomod),
	} {
		if err := os.WriteFile(filepath.Join(versions, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(versions, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(f)
	err = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			if d.Name() == ".git" || err == nil && name != dir {
				return filepath.SkipDir
			}
			return nil
		}
		relative, _ := filepath.Rel(dir, name)
		w, err := archive.Create(path + "@" + version + "/" + filepath.ToSlash(relative))
		if err != nil {
			return err
		}
		source, err := os.Open(name)
		if err != nil {
			return err
		}
		defer source.Close() //nolint:errcheck // read only
		_, err = io.Copy(w, source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// buildBuf puts the buf of tools/go.mod on the PATH.
func (s *sandbox) buildBuf(t *testing.T) {
	t.Helper()
	cmd := exec.Command("go", "build", "-modfile=tools/go.mod", "-o", filepath.Join(s.dir, "go", "bin"), "github.com/bufbuild/buf/cmd/buf")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build buf: %v\n%s", err, out)
	}
}

func (s *sandbox) write(t *testing.T, name, text string) {
	t.Helper()
	name = filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a command, and returns what it printed.
func (s *sandbox) run(t *testing.T, command string) (string, error) {
	t.Helper()
	cwd := filepath.Join(s.dir, "cwd")
	cmd := exec.CommandContext(t.Context(), "bash", "-c", command+"\nstatus=$?; pwd >'"+cwd+"'; exit $status")
	cmd.Dir, cmd.Env = s.cwd, s.env
	out, err := cmd.CombinedOutput()
	if text, readErr := os.ReadFile(cwd); readErr == nil {
		s.cwd = strings.TrimSpace(string(text))
	}
	return folder.ReplaceAllString(downloads.ReplaceAllString(string(out), ""), ""), err
}

func (s *sandbox) succeed(t *testing.T, command string) {
	t.Helper()
	if out, err := s.run(t, command); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

var (
	// Whether something is downloaded depends on the machine.
	downloads = regexp.MustCompile(`(?m)^go: downloading .*\n`)
	// So does the path of the folder, which go vet prints if it has found something
	// before.
	folder = regexp.MustCompile(`(?m)^/\S+/TestTranscripts[^/\s]*/\S+/`)
	// So do durations, ports and latest versions.
	varying = regexp.MustCompile(`\b\d+\.\d+s\b|\(cached\)|127\.0\.0\.1:\d+|\bv\d+\.\d+\.\d+[-.\w]*`)
)

// replay runs the commands of a block, compares their output with the block's,
// and returns the block with the new output.
func (s *sandbox) replay(t *testing.T, b block) string {
	t.Helper()
	var seen strings.Builder
	for _, command := range regexp.MustCompile(`(?m)^\$ `).Split(b.text, -1)[1:] {
		command, want, _ := strings.Cut(command, "\n")
		got, err := s.run(t, command)
		if err != nil && got == "" {
			t.Errorf("%v: %s: %v", b, command, err)
		}
		if varying.ReplaceAllString(got, "…") != varying.ReplaceAllString(want, "…") && !*update {
			t.Errorf("%v: %s printed\n%s\nand should have printed\n%s", b, command, got, want)
		}
		seen.WriteString("$ " + command + "\n" + got)
	}
	return seen.String()
}
