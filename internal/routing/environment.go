package routing

import (
	"fmt"
	"strings"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// Variable is the name of the environment variable that FromEnvironment is given.
const Variable = "GOHOST_HOSTS"

// FromEnvironment returns the host that value, that of the variable, has for
// the service with that fully-qualified name; "" where it has none. A value is
// a list of entries, separated by commas:
//
//	acme.v1.Square=square.staging.example   one service
//	acme.*=acme.staging.example             the services of package acme and of those below it
//	*=staging.example                       all others
//
// The most specific entry wins. An error names the variable and the entry.
// One that is no entry at all, or one that stands there twice, may have been
// meant for any service; an invalid host concerns the services that the entry
// is for. With an error, the string is that entry.
func FromEnvironment(value, service string) (string, error) {
	if value == "" {
		return "", nil // as nearly always
	}
	var best, host, entry string
	seen := make(map[string]bool)
	for e := range strings.SplitSeq(value, ",") {
		e = strings.TrimSpace(e)
		if e == "" {
			continue
		}
		pattern, h, ok := strings.Cut(e, "=")
		switch {
		case !ok || !isPattern(pattern):
			return e, fmt.Errorf("environment variable %s: entry %q: an entry is service=host, package.*=host or *=host", Variable, e)
		case seen[pattern]:
			return e, fmt.Errorf("environment variable %s: entry %q: there is another one for %s", Variable, e, pattern)
		}
		seen[pattern] = true
		if isFor(pattern, service) && moreSpecific(pattern, best) {
			best, host, entry = pattern, h, e
		}
	}
	if best == "" {
		return "", nil
	}
	if err := hostname.Check(host); err != nil {
		return entry, fmt.Errorf("environment variable %s: entry %q: %w", Variable, entry, err)
	}
	return host, nil
}

// isPattern tells whether p is "*", "package.*" or a fully-qualified name.
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

// moreSpecific tells whether pattern a, and not b, decides about a service
// that both are for.
func moreSpecific(a, b string) bool {
	exactA, exactB := !strings.HasSuffix(a, "*"), b != "" && !strings.HasSuffix(b, "*")
	if exactA != exactB {
		return exactA
	}
	return len(a) > len(b)
}
