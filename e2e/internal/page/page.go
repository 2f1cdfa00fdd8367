// Package page compares parts of docs/wires-tested.md with what tests find.
package page

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write tables into docs/wires-tested.md instead of comparing them")

// path is the path of the page, for tests of the packages of e2e.
var path = filepath.FromSlash("../../docs/wires-tested.md")

// Compare compares the text between <!-- name --> and <!-- /name --> with want, or
// replaces it, with the flag -update.
func Compare(t *testing.T, name, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %s … %s", path, begin, end)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s is outdated: run this test with -update, which writes\n%s", path, want)
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil { //nolint:gosec // it is a page
		t.Fatal(err)
	}
}
