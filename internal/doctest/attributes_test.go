package doctest

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/internal/needed"
)

var generated = regexp.MustCompile(`(?m)^(// Code generated .* DO NOT EDIT\.|# Code generated .* DO NOT EDIT\.|<!-- Made by .*)$`)

// .gitattributes marks exactly the generated files, and keeps line endings as
// they are.
func TestGitAttributes(t *testing.T) {
	t.Parallel()
	git := func(stdin string, args ...string) []string {
		cmd := exec.CommandContext(t.Context(), needed.Program(t, "git", "it comes with every system"), args...)
		cmd.Dir, cmd.Stdin = root, strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			needed.Missing(t, "a clone with git", err.Error())
		}
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	}
	files := slices.DeleteFunc(git("", "ls-files", "-z"), func(file string) bool {
		_, err := os.Stat(filepath.Join(root, file))
		return err != nil // its removal is not committed yet
	})
	attributes := git(strings.Join(files, "\x00"), "check-attr", "-z", "--stdin", "linguist-generated", "eol")
	for i := 0; i+2 < len(attributes); i += 3 {
		file, attribute, value := attributes[i], attributes[i+1], attributes[i+2]
		if attribute == "eol" {
			if value != "lf" {
				t.Errorf("%s: eol=%s, want lf", file, value)
			}
			continue
		}
		if want := isGenerated(t, file); (value == "set") != want {
			t.Errorf("%s: linguist-generated is %s in .gitattributes, and generated is %t", file, value, want)
		}
	}
}

// isGenerated reports whether a file's beginning says that it is generated.
// Results and charts do not say so. A template begins like its output.
func isGenerated(t *testing.T, file string) bool {
	t.Helper()
	if slices.Contains([]string{"bench/results", "docs/performance"}, path.Dir(file)) {
		return true
	}
	if path.Ext(file) == ".tmpl" {
		return false
	}
	text := readFile(t, file)
	return generated.MatchString(text[:min(len(text), 2000)])
}
