package generator

import (
	doccomment "go/doc/comment"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"

	"github.com/gohostrpc/gohost/internal/diag"
)

// comment returns texts as one Go comment. Each text is a paragraph of any
// number of lines; empty texts are skipped. Each line begins with "// ":
// without the space, "//go:build" in a .proto would become a directive.
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

// indented returns a comment indented by one more tab.
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

// detached returns each of comments as its own comment, followed by an empty
// line.
func detached(comments []protogen.Comments) string {
	var b strings.Builder
	for _, c := range comments {
		if text := comment(string(c)); text != "" {
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// cleanLines returns the lines of a comment in a .proto without their leading
// spaces, without empty lines at both ends, and without anything that must not
// appear in Go source.
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

// neutral returns line without an old build constraint, "// +build" with any
// space before the plus sign, or anything that looks like one to go vet.
func neutral(line string) string {
	return strings.ReplaceAll(line, "+build", "+ build")
}
