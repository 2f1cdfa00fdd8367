// Package hosttest holds hosts for tests of this module and of the modules
// beside it, which send them through real proxies.
package hosttest

import (
	"maps"
	"slices"
	"strings"
)

// Valid are hosts that may be sent. They must arrive unchanged.
var Valid = []string{
	"square.example", "a", "a-b.c_d.x1", "xn--mnchen-3ya.example", "9.example", "UPPER.Example", "localhost",
	"square.example:0", "square.example:443", "square.example:65535", "127.0.0.1", "127.0.0.1:8080", "0.0.0.0", "255.255.255.255:1",
	"[::1]", "[::1]:80", "[2001:db8::1]:443", "[::ffff:127.0.0.1]", "[FE80::1]",
	"a--b.example", "_dmarc.example", "a_.example", "1a.2b.example", "example.com1",
	strings.Repeat("a", 63) + ".example",
	strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 61),
}

// Invalid maps what is wrong to a host that must not be sent.
var Invalid = map[string]string{
	"CR and LF": "a\r\nb", "LF": "a\nb", "header injection": "a\r\nx-admin: 1", "NUL": "a\x00b",
	"space": "a b", "tab": "a\tb", "DEL": "a\x7f", "leading space": " a", "trailing LF": "a\n",
	"userinfo": "user@a.example", "path": "a.example/b", "query": "a?b", "fragment": "a#b", "scheme": "https://a.example",
	"backslash": `a\b`, "quote": `a"b`, "percent": "a%2eb", "comma": "a,b", "semicolon": "a;b",
	"over-long name": strings.Repeat("abcdefg.", 32) + "example", "over-long label": strings.Repeat("a", 64) + ".example",
	"non-ASCII": "münchen.example", "dot of CJK": "a。b", "no UTF-8": "a\xff", "wildcard": "*.example", "wildcard alone": "*",
	"double dot": "a..b", "leading dot": ".a", "trailing dot": "a.", "dot": ".", "leading hyphen": "-a.example", "trailing hyphen": "a-.example",
	"not a port": "a:port", "port too large": "a:65536", "signed port": "a:+1", "empty port": "a:", "two ports": "a:1:2", "no host": ":443",
	"zone": "[fe80::1%eth0]", "bare IPv6": "::1", "IPv4 in brackets": "[127.0.0.1]", "open bracket": "[::1", "behind brackets": "[::1]a",
	"number": "1.2.3.256", "three numbers": "1.2.3", "octal": "0177.0.0.01",
}

// Seeds returns all of these hosts and "", for fuzzing.
func Seeds() []string {
	return slices.Concat(Valid, slices.Sorted(maps.Values(Invalid)), []string{""})
}
