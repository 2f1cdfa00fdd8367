package hostname_test

import (
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
		declared string // what the error of CheckDeclared contains; "" is none
		sent     string // what the error of Check contains; "" is none
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
		{"a:", "character", "no port"},
		{"a:65536", `write "a"`, "no port"},
		{"a:1:2", "character", "character"},
		{"a:-1", "character", "no port"},
		{"a:+1", "character", "no port"},
		{"[::1]x", "character", "no port"},
		{"[::1", "IP address", "no IPv6"},
		{"[127.0.0.1]", "IP address", "no IPv6"},
		{"[fe80::1%eth0]", "IP address", "no IPv6"},
		{"::1", "IP address", "without brackets"},
		{"256.1.1.1", "number", "number"},
		{"https://a.example", "scheme", "no port"},
		{"*.example", "wildcard", "wildcard"},
		{".a", "dot", "dot"},
		{"a.", "dot", "dot"},
		{"a..b", "dot", "dot"},
		{"-a.b", "hyphen", "hyphen"},
		{"a-.b", "hyphen", "hyphen"},
		{label64 + ".example", "64 characters", "64 characters"},
		{name253 + "b", "254 characters", "254 characters"},
		{"münchen.example", `write its punycode "xn--mnchen-3ya.example"`, `write its punycode "xn--mnchen-3ya.example"`},
		{"a\xff", "not ASCII", "not ASCII"},
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

func TestErrorsQuoteTheHost(t *testing.T) {
	t.Parallel()
	err := hostname.Check("a\nb\x1b[2J")
	if err == nil || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("Check = %q, want an error without control characters", err)
	}
	if long := hostname.Check(strings.Repeat("a", 1<<20)); long == nil || len(long.Error()) > 1000 {
		t.Errorf("the error of a host of 1 MiB is %d bytes long", len(long.Error()))
	}
}

// What may be declared may be sent.
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
