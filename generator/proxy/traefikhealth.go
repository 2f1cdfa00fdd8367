package proxy

import "errors"

// checkTraefik refuses health checks with TLS, which Traefik does not support.
func checkTraefik(target string, c *config) error {
	var errs []error
	for _, u := range c.Upstreams {
		if c.HealthCheck > 0 && u.TLS {
			errs = append(errs, u.refuse(target, "health_check: Traefik asks without TLS only, and would take all instances for dead: target haproxy asks with TLS"))
		}
	}
	return errors.Join(errs...)
}
