package doctest

import (
	"bufio"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/internal/needed"
)

var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

// folders returns the folders that the first column of a table names.
func folders(t *testing.T, document string) []string {
	t.Helper()
	var folders []string
	for _, m := range row.FindAllStringSubmatch(readFile(t, document), -1) {
		folders = append(folders, m[1])
	}
	return folders
}

// CONTRIBUTING.md has a map of the repository: each folder that it names
// exists, and each folder with files is named, or lies in one whose entry
// covers it.
func TestMapOfTheHouse(t *testing.T) {
	t.Parallel()
	named := folders(t, "CONTRIBUTING.md")
	for i, folder := range named {
		if slices.Contains(named[:i], folder) {
			t.Errorf("CONTRIBUTING.md names %s twice", folder)
		}
		if found, _ := filepath.Glob(filepath.Join(root, folder)); len(found) == 0 {
			t.Errorf("CONTRIBUTING.md names %s, which is not there", folder)
		}
	}
	for _, folder := range slices.Concat(subfolders(t, "."), subfolders(t, "cmd"), subfolders(t, "internal")) {
		if folder == "cmd" || folder == "internal" {
			continue // each of their subfolders is named
		}
		if !slices.Contains(named, folder) {
			t.Errorf("CONTRIBUTING.md does not say what lives in %s", folder)
		}
	}
}

// ignored returns the folders that .gitignore names, for built files.
func ignored(t *testing.T) map[string]bool {
	t.Helper()
	ignored := map[string]bool{".git": true}
	for line := range strings.Lines(readFile(t, ".gitignore")) {
		ignored[strings.Trim(strings.TrimSpace(line), "/")] = true
	}
	return ignored
}

func subfolders(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		name := filepath.ToSlash(filepath.Join(dir, e.Name()))
		if found, _ := filepath.Glob(filepath.Join(root, name, "*")); e.IsDir() && len(found) > 0 && !ignored(t)[name] {
			folders = append(folders, name)
		}
	}
	return folders
}

// Every module is kept up to date.
func TestModulesAreUpdated(t *testing.T) {
	t.Parallel()
	dependabot := readFile(t, ".github/dependabot.yml")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if d.Name() != "go.mod" {
			return err
		}
		dir, _ := filepath.Rel(root, filepath.Dir(path))
		name := "/" + strings.TrimPrefix(filepath.ToSlash(dir), ".")
		if !regexp.MustCompile(`directories: .*[\[ ]` + regexp.QuoteMeta(name) + `[,\]]`).MatchString(dependabot) {
			t.Errorf(".github/dependabot.yml does not name %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A release has every command.
func TestCommandsAreReleased(t *testing.T) {
	t.Parallel()
	goreleaser := readFile(t, ".goreleaser.yaml")
	for _, command := range subfolders(t, "cmd") {
		if !strings.Contains(goreleaser, "dir: "+command+" ") && !strings.Contains(goreleaser, "dir: "+command+"\n") {
			t.Errorf(".goreleaser.yaml does not build %s", command)
		}
	}
}

// A file of more than 400 lines needs a second look. Tests may be long tables,
// and generated files are not read.
func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	const lines = 400
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, ".pb.go") || strings.HasSuffix(path, ".connect.go") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // read only
		n := 0
		for s := bufio.NewScanner(f); s.Scan(); n++ {
		}
		if n > lines && !strings.HasSuffix(path, "_test.go") {
			t.Errorf("%s has %d lines: can it be two?", strings.TrimPrefix(path, root+"/"), n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// No program is committed: one of 20 MB was, once.
func TestNoProgramIsCommitted(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	cmd := exec.CommandContext(t.Context(), needed.Program(t, "git", "on Debian apt-get install git"), "ls-files", "-z")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("no checkout: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(root, name))
		if err == nil && info.Size() > most {
			t.Errorf("%s has %d bytes: is it built?", name, info.Size())
		}
	}
}
