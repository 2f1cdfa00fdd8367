package diag

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns line without what hides text or changes its order in front of
// a reader (control characters, bidirectional overrides and other format
// characters), and with U+FFFD for what is no UTF-8.
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

// CleanError returns err, which may have several lines, as text that can be
// printed. The spaces in errors of protobuf are of one kind or another, at random.
func CleanError(err error) error {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(err.Error(), "\u00a0", " ")) {
		b.WriteString(Clean(line) + "\n")
	}
	return errors.New(strings.TrimSpace(b.String()))
}
