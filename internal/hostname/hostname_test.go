package hostname_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/hostname/hosttest"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	label63, label64 := strings.Repeat("a", 63), strings.Repeat("a", 64)
	name253 := strings.Repeat(label63+".", 3) + strings.Repeat("b", 61)
	const ok = ""
	tests := []struct {
		host     string
		declared string // part of CheckDeclared's error; "" for no error
		sent     string // part of Check's error; "" for no error
	}{
		{"square.example", ok, ok},
		{"a", ok, ok},
		{"a-b.c_d.x1", ok, ok},
		{"xn--mnchen-3ya.example", ok, ok},
		{"9.example", ok, ok},
		{label63 + ".example", ok, ok},
		{name253, ok, ok},
		// Only at run time.
		{"Square.Example", `write "square.example"`, ok},
		{"square.example:443", `write "square.example"`, ok},
		{"127.0.0.1", "IP address", ok},
		{"127.0.0.1:80", "IP address", ok},
		{"[::1]", "IP address", ok},
		{"[::1]:65535", "IP address", ok},
		// Never.
		{"", "empty", "empty"},
		{":80", "character", "empty"},
		{"a:", "character", "not a port"},
		{"a:65536", `write "a"`, "not a port"},
		{"a:000080", `write "a"`, "not a port"},
		{"a:1:2", "character", "character"},
		{"a:-1", "character", "not a port"},
		{"a:+1", "character", "not a port"},
		{"[::1]x", "character", "not a port"},
		{"[::1", "IP address", "not an IPv6"},
		{"[127.0.0.1]", "IP address", "not an IPv6"},
		{"[fe80::1%eth0]", "IP address", "not an IPv6"},
		{"::1", "IP address", "without brackets"},
		{"256.1.1.1", "number", "number"},
		{"https://a.example", "scheme", "not a port"},
		{"*.example", "wildcard", "wildcard"},
		{".a", "dot", "dot"},
		{"a.", "dot", "dot"},
		{"a..b", "dot", "dot"},
		{"-a.b", "hyphen", "hyphen"},
		{"a-.b", "hyphen", "hyphen"},
		{label64 + ".example", "64 characters", "64 characters"},
		{name253 + "b", "254 characters", "254 characters"},
		{"münchen.example", `write its punycode "xn--mnchen-3ya.example"`, `write its punycode "xn--mnchen-3ya.example"`},
		{"a\xff", "it is not ASCII: a host is", "it is not ASCII: a host is"},
		{"ü\xff.example", "it is not ASCII: a host is", "it is not ASCII: a host is"},
		{strings.Repeat("ü", 64) + ".example", "it is not ASCII: a host is", "it is not ASCII: a host is"},
		{"a\u202eb.example", "it is not ASCII: a host is", "it is not ASCII: a host is"},
		{"ü.example.", "it is not ASCII: a host is", "it is not ASCII: a host is"},
		{"ü.123", "it is not ASCII: a host is", "it is not ASCII: a host is"},
		{"a b", `' '`, `' '`},
		{"a\r\nb", `'\r'`, `'\r'`},
		{"a\x00b", `'\x00'`, `'\x00'`},
		{"user@a.example", `'@'`, `'@'`},
		{"a/b", `'/'`, `'/'`},
		{"a?b", `'?'`, `'?'`},
		{"a%41", `'%'`, `'%'`},
		{"a\x7f", `'\x7f'`, `'\x7f'`},
	}
	for _, test := range tests {
		t.Run(test.host, func(t *testing.T) {
			t.Parallel()
			checkError(t, "CheckDeclared", hostname.CheckDeclared(test.host), test.declared)
			checkError(t, "Check", hostname.Check(test.host), test.sent)
		})
	}
}

func checkError(t *testing.T, name string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v, want no error", name, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: %v, want an error with %q", name, err, want)
	}
}

// A label has only letters, digits, hyphens and underscores.
func TestCharacters(t *testing.T) {
	t.Parallel()
	const (
		upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		valid = "abcdefghijklmnopqrstuvwxyz0123456789-_" + "." // ends a label
	)
	for b := range 1 << 8 {
		c := string([]byte{byte(b)})
		declared, sent := "character", "character"
		switch {
		case strings.Contains(valid, c):
			declared, sent = "", ""
		case strings.Contains(upper, c):
			declared, sent = "upper case", ""
		case c == ":":
			sent = "not a port"
		case b >= 0x80:
			declared, sent = "not ASCII", "not ASCII"
		}
		checkError(t, fmt.Sprintf("CheckDeclared with %q", c), hostname.CheckDeclared("a"+c+"z"), declared)
		checkError(t, fmt.Sprintf("Check with %q", c), hostname.Check("a"+c+"z"), sent)
	}
}

func TestErrorsSayWhatIsAllowed(t *testing.T) {
	t.Parallel()
	checkError(t, "CheckDeclared", hostname.CheckDeclared("a b"), `: a host is a lower-case DNS name such as "square.example"`)
	checkError(t, "Check", hostname.Check("a b"), ": a host is a DNS name, an IPv4 address or an [IPv6] address, with or without a :port")
	checkError(t, "CheckAlias", hostname.CheckAlias("a b"), `: an alias is a lower-case DNS name such as "square.example" or,`)
	checkError(t, "CheckPattern", hostname.CheckPattern("a b"), `: it is a host without a port such as "square.example" or,`)
}

func TestErrorsQuoteTheHost(t *testing.T) {
	t.Parallel()
	// A name that is a little too long is quoted in full.
	name254 := strings.Repeat("abcdefg.", 31) + "abcdef"
	checkError(t, "Check", hostname.Check(name254), `invalid host "`+name254+`"`)
	err := hostname.Check("a\nb\x1b[2J")
	if err == nil || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("Check = %q, want an error without control characters", err)
	}
	if long := hostname.Check(strings.Repeat("a", 1<<20)); long == nil || len(long.Error()) > 1000 {
		t.Errorf("the error of a host of 1 MiB is %d bytes long", len(long.Error()))
	}
}

// Every host that may be declared may be sent.
func FuzzDeclaredCanBeSent(f *testing.F) {
	for _, host := range hosttest.Seeds() {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		if hostname.CheckDeclared(host) == nil && hostname.Check(host) != nil {
			t.Errorf("%q may be declared but not sent", host)
		}
	})
}
