package proxy

import (
	"errors"
	"strings"
)

// checkNginx: an address that begins with unix: is the path of a socket.
func checkNginx(target string, c *config) error {
	errs := []error{oneCertificateName(target, c)}
	for _, u := range c.Upstreams {
		for _, s := range u.Servers {
			if strings.EqualFold(s.Host, "unix") {
				errs = append(errs, u.refuse(target, "%q: nginx takes it for the path of a Unix socket: give the backend another name, or its domain as well", s))
			}
		}
	}
	return errors.Join(errs...)
}

// ListenHTTP2 tells whether nginx is one that learns of HTTP/2 by its listen
// directive only. The others warn of that.
func (c *config) ListenHTTP2() bool { return c.NginxVersion == "1.22" }

// hash are sizes of nginx's hash of server names: it warns where it finds no
// arrangement without full buckets, and does not start where a name alone is too
// long for a bucket.
type hash struct{ BucketSize, MaxSize int }

// ServerNamesHash returns what nginx needs, and nil where that is what it has by
// default: 512 buckets of 64 bytes.
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
