package main

import (
	"strings"
	"testing"
)

// letters returns a text with a line for each letter.
func letters(s string) string { return strings.Join(strings.Split(s, ""), "\n") + "\n" }

func TestUnified(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, old, new, want string }{
		{"same", letters("abc"), letters("abc"), ""},
		{"from nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"to nothing", "a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n"},
		{"changed", "a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
		{"added", "a\nc\n", "a\nb\nc\n", "@@ -1,2 +1,3 @@\n a\n+b\n c\n"},
		{"context", letters("abcdefghi"), letters("abcdxfghi"), "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+x\n f\n g\n h\n"},
		{"contexts that touch", letters("abcdefghij"), letters("axcdefghyj"),
			"@@ -1,10 +1,10 @@\n a\n-b\n+x\n c\n d\n e\n f\n g\n h\n-i\n+y\n j\n"},
		{"contexts that do not touch", letters("abcdefghijk"), letters("axcdefghiyk"),
			"@@ -1,5 +1,5 @@\n a\n-b\n+x\n c\n d\n e\n@@ -7,5 +7,5 @@\n g\n h\n i\n-j\n+y\n k\n"},
		{"no newline at the end", "a", "b", "@@ -1,1 +1,1 @@\n-a\n+b\n"},
	} {
		want := test.want
		if want != "" {
			want = "--- api/a.txt\n+++ api/a.txt, as the code is\n" + want
		}
		if got := unified("api/a.txt", test.old, test.new); got != want {
			t.Errorf("%s:\n%swant\n%s", test.name, got, want)
		}
	}
}
