// Package hostname says which hosts may be declared in a .proto and which may
// be sent as the HTTP/2 :authority of a call. This is decided here alone: the
// generator and the runtime both use it.
//
// The rules are those of DNS names in the host part of a URI: RFC 3986 §3.2.2,
// RFC 1123 §2.1 and RFC 9113 §8.3.1 (an :authority has no userinfo). An
// underscore is accepted, since names with one are in use.
package hostname

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// The limits of RFC 1035 §2.3.4, as characters of the written name.
const (
	maxName  = 253
	maxLabel = 63
)

// CheckDeclared returns an error if host may not be declared in a .proto.
// Allowed is a lower-case ASCII DNS name without a port; IP addresses are not,
// since a declaration outlives them. The error names the host and says what is
// allowed.
func CheckDeclared(host string) error {
	return refused(host, checkDeclared(host), "a host is a lower-case DNS name such as \"square.example\"")
}

// Check returns an error if host may not be sent as an :authority. It accepts
// what CheckDeclared accepts, and also upper case, an IPv4 address, an IPv6
// address in brackets, and a port. The error names the host and says what is
// allowed.
func Check(host string) error {
	return refused(host, check(host), "a host is a DNS name, an IPv4 address or an [IPv6] address, with or without a :port")
}

// refused returns the whole error text for why, or nil if why is nil. The host
// is quoted, so that control characters in it are harmless.
func refused(host string, why error, allowed string) error {
	if why == nil {
		return nil
	}
	const enough = 300 // bytes of a host that is itself too long
	if len(host) > enough {
		host = host[:enough] + "…"
	}
	return fmt.Errorf("invalid host %q: %w: %s", host, why, allowed)
}

func checkDeclared(host string) error {
	if isAddress(host) {
		return errors.New("it is an IP address")
	}
	if strings.Contains(host, "://") {
		return errors.New("it has a scheme")
	}
	name, port, _ := strings.Cut(host, ":")
	if isDigits(port) {
		if instead := declarable(name); instead != "" {
			return hint{errors.New("it has a port"), "write", instead}
		}
	}
	if instead := declarable(host); instead != "" && instead != host && isASCII(host) {
		return hint{errors.New("it has upper case"), "write", instead}
	}
	return checkName(host)
}

// declarable returns name as it may be declared, in lower case and in punycode,
// or "".
func declarable(name string) string {
	lower := strings.ToLower(cmp.Or(punycode(name), name))
	if checkName(lower) != nil {
		return ""
	}
	return lower
}

func check(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		return errors.New("it is an IPv6 address without brackets")
	}
	host, port := split(host)
	if err := checkPort(port); err != nil {
		return err
	}
	return between("", checkWithoutPort(host), port)
}

// split splits an authority into its host and its port, with the colon.
func split(authority string) (host, port string) {
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		return authority[:i], authority[i:]
	}
	return authority, ""
}

func checkWithoutPort(host string) error {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if addr, err := netip.ParseAddr(inner); !ok || err != nil || !addr.Is6() || addr.Zone() != "" {
			return errors.New("the text in brackets is not an IPv6 address")
		}
		return nil
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is4() {
		return nil
	}
	return checkName(host)
}

// isAddress reports whether host is an IP address, with or without brackets or a port.
func isAddress(host string) bool {
	if _, err := netip.ParseAddrPort(host); err == nil {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// checkPort accepts "" and ":" followed by a number from 0 to 65535.
func checkPort(port string) error {
	if port == "" {
		return nil
	}
	digits, ok := strings.CutPrefix(port, ":")
	if !ok || !isDigits(digits) || len(digits) > 5 {
		return fmt.Errorf("%q is not a port", port)
	}
	if _, err := strconv.ParseUint(digits, 10, 16); err != nil {
		return fmt.Errorf("%q is not a port", port)
	}
	return nil
}

func checkName(name string) error {
	if name == "" {
		return errors.New("it is empty")
	}
	if err := checkASCII(name); err != nil {
		return err
	}
	if len(name) > maxName {
		return fmt.Errorf("it has %d characters, more than %d", len(name), maxName)
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if err := checkLabel(label); err != nil {
			return err
		}
	}
	// Resolvers and URL parsers would read such a name as an IPv4 address.
	if last := labels[len(labels)-1]; isDigits(last) {
		return fmt.Errorf("its last label %q is a number, as in an IP address", last)
	}
	return nil
}

func checkLabel(label string) error {
	switch {
	case label == "":
		return errors.New("it has a leading, trailing or double dot")
	case len(label) > maxLabel:
		return fmt.Errorf("its label %q has %d characters, more than %d", label, len(label), maxLabel)
	case label == "*":
		return errors.New("it is a wildcard")
	case label[0] == '-' || label[len(label)-1] == '-':
		return fmt.Errorf("its label %q begins or ends with a hyphen", label)
	}
	for _, c := range []byte(label) {
		if !isLetter(c) && !isDigit(c) && c != '-' && c != '_' {
			return fmt.Errorf("it has the character %q", c)
		}
	}
	return nil
}

// checkASCII refuses a name that is not ASCII. If it has valid punycode, the
// error suggests that.
func checkASCII(name string) error {
	if isASCII(name) {
		return nil
	}
	why := errors.New("it is not ASCII")
	if ascii := punycode(name); ascii != "" {
		return hint{why, "write its punycode", ascii}
	}
	return why
}

// punycode returns the punycode of a name that is not ASCII, or "" if it is not
// valid. Package idna also converts invalid UTF-8.
func punycode(name string) string {
	ascii, err := idna.Lookup.ToASCII(name)
	if isASCII(name) || err != nil || !utf8.ValidString(name) || checkName(ascii) != nil {
		return ""
	}
	return ascii
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
