package gohost

import (
	"errors"
	"strings"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// patternsOf returns hosts, each a host or "*.name", in lower case. The error
// names all that are invalid.
func patternsOf(hosts []string) ([]string, error) {
	var patterns []string
	var errs []error
	for _, host := range hosts {
		errs = append(errs, hostname.CheckPattern(host))
		patterns = append(patterns, strings.ToLower(host))
	}
	return patterns, errors.Join(errs...)
}

func matchesAny(patterns []string, host string) bool {
	for _, pattern := range patterns {
		if hostname.Matches(pattern, host) {
			return true
		}
	}
	return false
}
