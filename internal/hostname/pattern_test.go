package hostname_test

import (
	"testing"

	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/hostname/hosttest"
)

func TestPatterns(t *testing.T) {
	t.Parallel()
	const ok = ""
	for _, test := range []struct{ pattern, alias, claimed string }{
		{"square.example", ok, ok},
		{"*.square.example", ok, ok},
		{"*.example", ok, ok},
		{"Square.example", "upper case", ok},
		{"*.Square.example", "upper case", ok},
		{"127.0.0.1", "IP address", ok},
		{"[::1]", "IP address", ok},
		{"*.127.0.0.1", "IP address", "follows the wildcard"},
		{"square.example:443", "it has a port", "it has a port"},
		{"a b:443", "' '", "' '"},
		{"*", "wildcard", "wildcard"},
		{"*.", "empty", "empty"},
		{"*.*.example", "wildcard", "wildcard"},
		{"a.*.example", "wildcard", "wildcard"},
		{"*a.example", "'*'", "'*'"},
		{"", "empty", "empty"},
		{"a b", "' '", "' '"},
	} {
		t.Run(test.pattern, func(t *testing.T) {
			t.Parallel()
			checkError(t, "CheckAlias", hostname.CheckAlias(test.pattern), test.alias)
			checkError(t, "CheckPattern", hostname.CheckPattern(test.pattern), test.claimed)
		})
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	for authority, want := range map[string]string{
		"square.example": "square.example", "Square.Example": "square.example", "square.example:443": "square.example",
		"square.example.": "square.example", "square.example.:443": "square.example", "127.0.0.1:80": "127.0.0.1",
		"[::1]": "[::1]", "[::1]:80": "[::1]", "[FE80::1]:80": "[fe80::1]",
		"": "", ".": "", "..": "", "a..": "", ":80": "", "a:b": "", "a:65536": "", "::1": "", "a b": "", "a\x00": "", "u@a": "", "a/b": "", "*.a": "", "[::1": "", "a:1:2": "", "[::1]:1:2": "",
	} {
		if got := hostname.Normalize(authority); got != want {
			t.Errorf("Normalize(%q) = %q, want %q", authority, got, want)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, host string
		want          bool
	}{
		{"a.example", "a.example", true},
		{"a.example", "b.a.example", false},
		{"*.a.example", "b.a.example", true},
		{"*.a.example", "c.b.a.example", true},
		{"*.a.example", "a.example", false},
		{"*.a.example", "ba.example", false},
		{"*.a.example", ".a.example", false},
		{"*.a.example", "", false},
		{"*.a.example", "b.a.example.org", false},
	} {
		if got := hostname.Matches(test.pattern, test.host); got != test.want {
			t.Errorf("Matches(%q, %q) = %v", test.pattern, test.host, got)
		}
	}
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, host := range hosttest.Valid {
		if err := hostname.Check(host); err != nil {
			t.Error(err)
		}
	}
	for name, host := range hosttest.Invalid {
		if hostname.Check(host) == nil || hostname.CheckDeclared(host) == nil || hostname.CheckPattern(host) == nil && host != "*.example" {
			t.Errorf("%s: %q may be sent, declared or claimed", name, host)
		}
	}
}

// A host that may be sent has a normal form, which normalizes to itself and matches
// itself.
func FuzzNormalize(f *testing.F) {
	for _, host := range hosttest.Seeds() {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		normal := hostname.Normalize(host)
		if (normal == "") && hostname.Check(host) == nil {
			t.Errorf("%q may be sent, but has no normal form", host)
		}
		if normal != "" && (hostname.Normalize(normal) != normal || hostname.CheckPattern(normal) != nil || !hostname.Matches(normal, normal)) {
			t.Errorf("%q: the normal form %q is not one", host, normal)
		}
	})
}
