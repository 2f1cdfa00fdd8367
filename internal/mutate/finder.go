package main

import (
	"regexp"
	"strings"
)

var (
	failed  = regexp.MustCompile(`(?m)^\s*--- FAIL: ((?:Test|Example|Fuzz)\w*)`)
	running = regexp.MustCompile(`(?m)^\s+((?:Test|Example|Fuzz)\w*)\S* \(\d+s\)$`) // at a timeout
	inStack = regexp.MustCompile(`_test\.((?:Test|Example|Fuzz)\w*)\.?`)
	how     = []struct{ text, what string }{
		{"DATA RACE", "data race"},
		{"panic: deadlock", "deadlock"},
		{"found unexpected goroutines", "leak"},
		{"panic: test timed out", "hangs"},
		{"panic: ", "panic"},
	}
)

// finder returns which test has failed in out, and how.
func finder(out string) string {
	name := "the test binary"
	for _, r := range []*regexp.Regexp{failed, running, inStack} {
		if m := r.FindStringSubmatch(out); m != nil {
			name = m[1]
			break
		}
	}
	for _, h := range how {
		if strings.Contains(out, h.text) {
			return name + " (" + h.what + ")"
		}
	}
	return name
}
