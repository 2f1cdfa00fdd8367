// Package page keeps parts of docs/wires-tested.md as tests know them to be.
package page

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write tables into docs/wires-tested.md instead of comparing them")

// path is that of the page, for tests of the packages of e2e.
var path = filepath.FromSlash("../../docs/wires-tested.md")

// Compare compares what stands between <!-- name --> and <!-- /name --> with want, or
// writes it, with the flag -update.
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
		t.Fatalf("%s does not have what follows: run this test with -update\n%s", path, want)
	}
	if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil { //nolint:gosec // it is a page
		t.Fatal(err)
	}
}
