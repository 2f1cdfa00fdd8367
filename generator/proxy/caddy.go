package proxy

import (
	"errors"
	"fmt"
	"regexp"
)

// Caddy uses these ports only for HTTP and HTTPS.
const (
	httpPort  = 80
	httpsPort = 443
)

func checkCaddy(target string, c *config) error {
	var errs []error
	switch port := c.Listen.Port; {
	case c.Certificate != "" && port == httpPort:
		errs = append(errs, fmt.Errorf("target %s: parameter listen: Caddy does not use TLS at port %d: listen at another port", target, port))
	case c.Certificate == "" && port == httpsPort:
		errs = append(errs, fmt.Errorf("target %s: parameter listen: Caddy always uses TLS at port %d: listen at another port, or give certificate and key", target, port))
	}
	for _, u := range c.Upstreams {
		for _, s := range u.Servers {
			switch {
			case u.TLS && s.Port == httpPort:
				errs = append(errs, u.refuse(target, "%q: Caddy does not use TLS for port %d: use another port", s, s.Port))
			case !u.TLS && s.Port == httpsPort:
				errs = append(errs, u.refuse(target, "%q: Caddy always uses TLS for port %d: use another port, or https://", s, s.Port))
			}
		}
	}
	return errors.Join(errs...)
}

// PathRegexp returns a regular expression for the paths of r: that of a method,
// or all below that of a service. Other matchers of Caddy ignore case.
func (r route) PathRegexp() string {
	pattern := "^" + regexp.QuoteMeta(r.Path())
	if r.Method != "" {
		pattern += "$"
	}
	return pattern
}

// Turns returns the servers of u for Caddy's round robin: one of greater weight
// appears more often, as evenly as possible.
func (u *upstream) Turns() []server {
	if !u.Weighted() {
		return u.Servers
	}
	divisor, sum := 0, 0
	for _, s := range u.Servers {
		divisor = gcd(s.Weight, divisor)
		sum += s.Weight
	}
	var turns []server
	credits := make([]int, len(u.Servers))
	for range sum / divisor {
		next := 0
		for i, s := range u.Servers {
			if credits[i] += s.Weight; credits[i] > credits[next] {
				next = i
			}
		}
		credits[next] -= sum
		turns = append(turns, u.Servers[next])
	}
	return turns
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
