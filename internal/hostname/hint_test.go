package hostname_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/hostname/hosttest"
)

var checks = map[string]func(string) error{
	"Check": hostname.Check, "CheckDeclared": hostname.CheckDeclared, "CheckAlias": hostname.CheckAlias, "CheckPattern": hostname.CheckPattern,
}

var advice = regexp.MustCompile(`write (?:its punycode )?("(?:[^"\\]|\\.)*")`)

// advised returns the host that the error suggests instead, or "".
func advised(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	m := advice.FindStringSubmatch(err.Error())
	if m == nil {
		return ""
	}
	instead, err := strconv.Unquote(m[1])
	if err != nil || instead == "" {
		t.Errorf("%s: %v", m[0], err)
	}
	return instead
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	const none = ""
	for _, test := range []struct{ host, declared, alias, sent, claimed string }{
		{"Inventory.shop.example:443", "inventory.shop.example", "inventory.shop.example", none, none},
		{"Bücher.example:443", "xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example:443", none},
		{"*.Square.example", none, "*.square.example", none, none},
		{"*.Square.example:80", none, "*.square.example", none, none},
		{"*.bücher.example", none, "*.xn--bcher-kva.example", none, "*.xn--bcher-kva.example"},
		{"BÜCHER.example", "xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"１.２.３.４", none, none, none, none},
		{"A..b:80", none, none, none, none},
	} {
		for name, want := range map[string]string{"CheckDeclared": test.declared, "CheckAlias": test.alias, "Check": test.sent, "CheckPattern": test.claimed} {
			if got := advised(t, checks[name](test.host)); got != want {
				t.Errorf("%s(%q) advises %q, want %q", name, test.host, got, want)
			}
		}
	}
}

// Every suggestion of an error is accepted.
func checkAdvice(t *testing.T, host string) (given int) {
	t.Helper()
	for name, check := range checks {
		err := check(host)
		if instead := advised(t, err); instead != "" {
			given++
			if again := check(instead); again != nil {
				t.Errorf("%s: %v, but then: %v", name, err, again)
			}
			if strings.HasPrefix(host, "*.") != strings.HasPrefix(instead, "*.") {
				t.Errorf("%s: %v: this is another host", name, err)
			}
		}
	}
	return given
}

func TestAdviceIsAccepted(t *testing.T) {
	t.Parallel()
	given := 0
	for _, before := range []string{"", "*.", "*.*.", ".", "https://", "user@", "[", "-"} {
		for _, name := range []string{
			"a", "Square.example", "square.example", "BÜCHER.Example", "bücher.example", "1.2.3.4", "１.２.３.４", "A.1", "ß.Example", "ẞ.example", "K.example", "a。B",
			"::1", "FE80::1", "A_b.C-d", strings.Repeat("A", 64), strings.Repeat("Ü", 30), strings.Repeat("Abcdefg.", 31) + "abcde", "xn--a.Example", "",
		} {
			for _, after := range []string{"", ":443", ":65536", ":0443", ":", ":a", ".", ".:443", "]", "]:80", "/", ":80:81", "%eth0"} {
				given += checkAdvice(t, before+name+after)
			}
		}
	}
	if given < 100 {
		t.Errorf("%d hints prove little", given)
	}
}

func FuzzAdviceIsAccepted(f *testing.F) {
	for _, host := range hosttest.Seeds() {
		f.Add(host)
	}
	f.Add("*.BÜCHER.Example:443")
	f.Fuzz(func(t *testing.T, host string) { checkAdvice(t, host) })
}
