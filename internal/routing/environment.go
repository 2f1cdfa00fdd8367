package routing

import (
	"fmt"
	"iter"
	"strings"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// Variable is the name of the environment variable that FromEnvironment parses.
const Variable = "GOHOST_HOSTS"

// FromEnvironment returns the host that value, the variable's value, has for
// the service with that fully-qualified name, or "". A value is a list of
// entries, separated by commas:
//
//	acme.v1.Square=square.staging.example   one service
//	acme.*=acme.staging.example             the services of package acme and of those below it
//	*=staging.example                       all others
//
// The most specific entry wins. An error names the variable and the entry. A
// malformed or duplicate entry is an error for every service, since it may have
// been meant for any; an invalid host is an error only for the services that
// the entry matches. With an error, the string is that entry.
func FromEnvironment(value, service string) (string, error) {
	if value == "" {
		return "", nil // the usual case
	}
	var best entry
	for e, err := range entries(value) {
		if err != nil {
			return e.text, err
		}
		if isFor(e.pattern, service) && moreSpecific(e.pattern, best.pattern) {
			best = e
		}
	}
	if best.pattern == "" {
		return "", nil
	}
	if err := best.checkHost(); err != nil {
		return best.text, err
	}
	return best.host, nil
}

// entry is one of the entries of the variable: text is "pattern=host".
type entry struct{ text, pattern, host string }

// entries yields the entries of value. Malformed and duplicate entries come
// with an error.
func entries(value string) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		seen := make(map[string]bool)
		for text := range strings.SplitSeq(value, ",") {
			text = strings.TrimSpace(text)
			if text == "" {
				continue
			}
			pattern, host, ok := strings.Cut(text, "=")
			e := entry{text, pattern, host}
			var err error
			switch {
			case !ok || !isPattern(pattern):
				err = e.errorf("an entry is service=host, package.*=host or *=host")
			case seen[pattern]:
				err = e.errorf("there is another entry for %s", pattern)
			}
			seen[pattern] = true
			if !yield(e, err) {
				return
			}
		}
	}
}

func (e entry) checkHost() error {
	if err := hostname.Check(e.host); err != nil {
		return e.errorf("%w", err)
	}
	return nil
}

func (e entry) errorf(format string, args ...any) error {
	return fmt.Errorf("environment variable %s: entry %q: %w", Variable, e.text, fmt.Errorf(format, args...))
}

// isPattern reports whether p is "*", "package.*" or a fully-qualified name.
func isPattern(p string) bool {
	if p == "*" {
		return true
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(p, ".*"), ".") {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool { return r != '_' && !isAlphanumeric(r) }) {
			return false
		}
	}
	return true
}

func isAlphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func isFor(pattern, service string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(service, prefix)
	}
	return pattern == service
}

// moreSpecific reports whether pattern a takes precedence over b for a service
// that both match.
func moreSpecific(a, b string) bool {
	exactA, exactB := !strings.HasSuffix(a, "*"), b != "" && !strings.HasSuffix(b, "*")
	if exactA != exactB {
		return exactA
	}
	return len(a) > len(b)
}
