package diag

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean removes from line what hides text or changes its order for a reader
// (control characters, bidirectional overrides and other format characters),
// and replaces invalid UTF-8 by U+FFFD.
func Clean(line string) string {
	line = strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, strings.ToValidUTF8(line, string(utf8.RuneError)))
	return strings.TrimRightFunc(line, unicode.IsSpace)
}

// CleanError returns the text of err, which may have several lines, as printable text.
// Errors of protobuf have one of two kinds of spaces, at random.
func CleanError(err error) error {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(err.Error(), "\u00a0", " ")) {
		b.WriteString(Clean(line) + "\n")
	}
	return errors.New(strings.TrimSpace(b.String()))
}
