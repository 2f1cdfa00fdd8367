package doctest

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// block is a code block of a document.
type block struct {
	file     string // from the root of the repository
	line     int    // of its first line of text
	language string
	text     string
	settings map[string]string
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

var (
	fence   = regexp.MustCompile("^( *)```(\\w*)$")
	comment = regexp.MustCompile(`^<!-- doctest: (.+) -->$`)
)

// documents returns the Markdown files of the repository, relative to its root.
func documents(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".md" {
			name, _ := filepath.Rel(root, path)
			files = append(files, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil || !slices.Contains(files, "README.md") {
		t.Fatalf("documents: %q, %v", files, err)
	}
	return files
}

// blocks returns the code blocks of all documents.
func blocks(t *testing.T) []block {
	t.Helper()
	var all []block
	for _, file := range documents(t) {
		all = append(all, blocksOf(t, file)...)
	}
	return all
}

// blocksOf returns the code blocks of one document.
func blocksOf(t *testing.T, file string) []block {
	t.Helper()
	var found []block
	page := make(map[string]string)  // settings for the rest of the page
	above := make(map[string]string) // settings for the block that follows
	var current *block
	indent := ""
	for i, line := range strings.Split(readFile(t, file), "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case current != nil && strings.TrimSpace(line) == "```":
			found = append(found, *current)
			current = nil
		case current != nil:
			current.text += strings.TrimPrefix(line, indent) + "\n"
		case m != nil:
			indent = m[1]
			current = &block{file: file, line: i + 2, language: m[2], settings: above}
			for key, value := range page {
				if !current.has(key) {
					current.settings[key] = value
				}
			}
			above = make(map[string]string)
		case comment.MatchString(strings.TrimSpace(line)):
			for _, setting := range strings.Fields(comment.FindStringSubmatch(strings.TrimSpace(line))[1]) {
				key, value, _ := strings.Cut(setting, "=")
				if !slices.Contains([]string{"file", "given", "install", "module", "run", "write"}, key) {
					t.Errorf("%s:%d: unknown setting %q", file, i+1, key)
				}
				above[key] = value
			}
		case strings.TrimSpace(line) != "" || i == 0:
			maps.Copy(page, above)
			above = make(map[string]string)
		}
	}
	if current != nil {
		t.Errorf("%v: the block has no end", current)
	}
	return found
}

// has reports whether the block has a setting, with a value or not.
func (b block) has(setting string) bool {
	_, ok := b.settings[setting]
	return ok
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every block has a language, and every language is checked. With -v the test lists the
// blocks and how each is checked.
func TestBlocksAreChecked(t *testing.T) {
	t.Parallel()
	for _, b := range blocks(t) {
		t.Logf("%v: %s: %s", b, b.language, b.check())
		switch b.language {
		case "go", "proto", "sh", "console", "python", "text":
		case "":
			t.Errorf("%v: the block has no language; use text if it is not code", b)
		default:
			if !b.has("file") && !b.has("run") && !b.has("write") {
				t.Errorf("%v: a block of %s must stand in a file that is tested, or be run: see the comment of package doctest", b, b.language)
			}
		}
	}
}

// check says how the block is checked.
func (b block) check() string {
	switch {
	case b.has("file"):
		return "compared with " + b.settings["file"]
	case b.has("write"):
		return "run, as a file of the transcript"
	case b.has("run"), b.has("install"):
		return "run"
	}
	return map[string]string{
		"go":      "compiled",
		"proto":   "compiled, and given to the plugin",
		"python":  "parsed",
		"sh":      "its commands, targets and folders exist",
		"console": "its commands, targets and folders exist",
		"text":    "not, since it is prose",
	}[b.language]
}

// A block with part of a file has the text of the file, without gaps.
func TestBlocksOfFiles(t *testing.T) {
	t.Parallel()
	for _, b := range blocks(t) {
		if b.has("file") && !strings.Contains(flat(readFile(t, b.settings["file"])), flat(b.text)) {
			t.Errorf("%v: the block is not in %s", b, b.settings["file"])
		}
	}
}

// flat returns text without the indentation of its lines, and without empty ones.
func flat(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}
