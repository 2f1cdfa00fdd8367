package gohost

import (
	"errors"
	"strings"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// AcceptOption is an option of [NewHostCheck] and of [Credentials]: [AlsoAccept].
type AcceptOption struct{ hosts []string }

// AlsoAccept returns an option by which more hosts are accepted: by a
// [HostCheck], beside those that a service declares, and by [Credentials],
// beside those that the server's certificate names. "*.name" stands for all
// hosts below name. Hosts of several such options add up.
func AlsoAccept(hosts ...string) AcceptOption { return AcceptOption{hosts} }

func (o AcceptOption) applyToHostCheck(c *HostCheck) error { return o.addTo(&c.also) }

func (o AcceptOption) applyToCredentials(c *transportCredentials) error { return o.addTo(&c.hosts) }

func (o AcceptOption) addTo(hosts *[]string) error {
	patterns, err := patternsOf(o.hosts)
	*hosts = append(*hosts, patterns...)
	return err
}

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
