package generator

import (
	doccomment "go/doc/comment"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"

	"github.com/gohostrpc/gohost/internal/diag"
)

// comment returns texts, paragraphs of which each may have many lines, as lines
// of one Go comment. Each line is "// " and the text: without the space,
// "//go:build" in a .proto would become a directive. An empty text is left out.
func comment(texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		lines := cleanLines(text)
		if len(lines) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("//\n")
		}
		for _, line := range lines {
			b.WriteString(strings.TrimRight("// "+line, " ") + "\n")
		}
	}
	return b.String()
}

// formatted returns the comment of a declaration as gofmt writes it: with lists
// and code indented, for example.
func formatted(doc string) string {
	var text strings.Builder
	for line := range strings.Lines(doc) {
		text.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "//"), " "))
	}
	printed := string(new(doccomment.Printer).Comment(new(doccomment.Parser).Parse(text.String())))
	var b strings.Builder
	for line := range strings.Lines(printed) {
		switch line[0] {
		case '\n', '\t':
			b.WriteString("//" + line)
		default:
			b.WriteString("// " + line)
		}
	}
	return b.String()
}

// indented returns a comment one step further to the right.
func indented(comment string) string {
	var b strings.Builder
	for line := range strings.Lines(comment) {
		if line != "\n" {
			b.WriteByte('\t')
		}
		b.WriteString(line)
	}
	return b.String()
}

// detached returns each of comments as a comment of its own, which the empty
// line behind it keeps apart from what follows.
func detached(comments []protogen.Comments) string {
	var b strings.Builder
	for _, c := range comments {
		if text := comment(string(c)); text != "" {
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// cleanLines returns the lines of a comment in a .proto, without the space that
// each begins with, without empty ones at both ends, and without what must not
// get into Go source.
func cleanLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = neutral(diag.Clean(strings.TrimPrefix(line, " ")))
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// neutral returns line without what is a build constraint of old, "// +build"
// with any space before the plus sign, or looks like one to go vet.
func neutral(line string) string {
	return strings.ReplaceAll(line, "+build", "+ build")
}
