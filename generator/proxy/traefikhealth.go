package proxy

import "errors"

// checkTraefik refuses health checks with TLS, which Traefik does not support.
func checkTraefik(target string, c *config) error {
	var errs []error
	for _, u := range c.Upstreams {
		if c.HealthCheck > 0 && u.TLS {
			errs = append(errs, u.refuse(target, "health_check: Traefik only checks health without TLS, and would treat all instances as dead: target haproxy can check with TLS"))
		}
	}
	return errors.Join(errs...)
}
