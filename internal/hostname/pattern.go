package hostname

import (
	"errors"
	"strings"
)

// CheckAlias returns an error if alias may not be declared as another name of a
// service. It accepts what CheckDeclared accepts, with or without a leading
// "*.". The error names the alias and says what is allowed.
func CheckAlias(alias string) error {
	wildcard, name := cutWildcard(alias)
	return refused(alias, between(wildcard, checkDeclared(name), ""),
		"an alias is a lower-case DNS name such as \"square.example\" or, for all names below it, \"*.square.example\"")
}

// CheckPattern returns an error if a server may not claim pattern. It accepts
// what Check accepts without a port, or a name with a leading "*.". The error
// names the pattern and says what is allowed.
func CheckPattern(pattern string) error {
	wildcard, name := cutWildcard(pattern)
	why := between(wildcard, checkWithoutPort(name), "")
	if _, port := split(name); why != nil && port != "" && check(name) == nil {
		why = errors.New("it has a port")
	}
	if why == nil && wildcard != "" && isAddress(name) {
		why = errors.New("an IP address follows the wildcard")
	}
	return refused(pattern, why, "it is a host without a port such as \"square.example\" or, for all names below it, \"*.square.example\"")
}

// cutWildcard returns the leading "*." of pattern, or "", and what follows.
func cutWildcard(pattern string) (wildcard, name string) {
	name = strings.TrimPrefix(pattern, "*.")
	return strings.TrimSuffix(pattern, name), name
}

// Normalize returns the host of an :authority that a server has received: in
// lower case, without the port and without the dot of a fully-qualified name.
// It returns "" if the authority has no valid host.
func Normalize(authority string) string {
	host, port := split(authority)
	host = strings.TrimSuffix(host, ".")
	if checkWithoutPort(host) != nil || checkPort(port) != nil {
		return ""
	}
	return strings.ToLower(host)
}

// Matches reports whether pattern matches host, which Normalize has returned:
// pattern is the host or, if it is "*.name", host is below name at any depth.
func Matches(pattern, host string) bool {
	if suffix, ok := strings.CutPrefix(pattern, "*"); ok {
		return len(host) > len(suffix) && strings.HasSuffix(host, suffix)
	}
	return pattern == host
}
