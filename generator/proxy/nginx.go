package proxy

import (
	"errors"
	"strings"
)

// checkNginx refuses an address that begins with unix:, which would be the path
// of a socket.
func checkNginx(target string, c *config) error {
	errs := []error{oneCertificateName(target, c)}
	for _, u := range c.Upstreams {
		for _, s := range u.Servers {
			if strings.EqualFold(s.Host, "unix") {
				errs = append(errs, u.refuse(target, "%q: nginx reads it as the path of a Unix socket: give the backend another name, or add its domain", s))
			}
		}
	}
	return errors.Join(errs...)
}

// ListenHTTP2 reports whether nginx enables HTTP/2 only in its listen
// directive. Newer versions warn of that.
func (c *config) ListenHTTP2() bool { return c.NginxVersion == "1.22" }

// hash has the sizes of nginx's hash of server names. nginx warns if buckets
// overflow, and does not start if a name is too long for a bucket.
type hash struct{ BucketSize, MaxSize int }

// ServerNamesHash returns the sizes that nginx needs, or nil if its default is
// enough: 512 buckets of 64 bytes.
func (c *config) ServerNamesHash() *hash {
	const (
		fewNames, shortName = 32, 40 // for these the default is enough
		others              = 18     // bytes of an element of the hash beside its name
	)
	names, longest := 0, 0
	for _, m := range c.Matches() {
		names++
		longest = max(longest, len(m.Pattern))
	}
	if names <= fewNames && longest <= shortName {
		return nil
	}
	h := &hash{512, 512}
	for h.BucketSize < 8*(longest+others) {
		h.BucketSize *= 2
	}
	for h.MaxSize < 4*names {
		h.MaxSize *= 2
	}
	return h
}
