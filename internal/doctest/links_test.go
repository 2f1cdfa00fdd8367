package doctest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	code    = regexp.MustCompile("(?s)\n *```.*?\n *```|`[^`\n]*`")
)

// Links within the repository lead to files and headings that exist.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, file := range documents(t) {
		text := code.ReplaceAllString(readFile(t, file), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(m[1]+m[2], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			to := file
			if target != "" {
				to = path.Join(path.Dir(file), target)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", file, target)
				continue
			}
			if anchor != "" && !anchors(readFile(t, to))[anchor] {
				t.Errorf("%s: %s has no heading #%s", file, to, anchor)
			}
		}
	}
}

// anchors returns the anchors of the headings of text, as GitHub makes them.
func anchors(text string) map[string]bool {
	anchors := make(map[string]bool)
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(strings.TrimSpace(m[1]))
		name = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`).ReplaceAllString(name, "")
		anchors[strings.ReplaceAll(name, " ", "-")] = true
	}
	return anchors
}

// A page of docs is short: at most 1,250 words, which take five minutes at 250
// words per minute. Tables and code do not count: they are for reference.
func TestPagesAreShort(t *testing.T) {
	t.Parallel()
	const words = 5 * 250
	for _, file := range documents(t) {
		if path.Dir(file) != "docs" {
			continue
		}
		text := code.ReplaceAllString(readFile(t, file), " ")
		text = regexp.MustCompile(`(?m)^\|.*$|<!--.*?-->`).ReplaceAllString(text, "")
		if n := len(strings.Fields(text)); n > words {
			t.Errorf("%s has %d words to read, and no page has more than %d", file, n, words)
		}
	}
}

// The contents list every page.
func TestContents(t *testing.T) {
	t.Parallel()
	contents := readFile(t, "docs/README.md")
	for _, file := range documents(t) {
		if path.Dir(file) == "docs" && path.Base(file) != "README.md" && !strings.Contains(contents, "]("+path.Base(file)+")") {
			t.Errorf("docs/README.md does not list %s", path.Base(file))
		}
	}
}
