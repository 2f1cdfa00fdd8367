package proxy

import (
	"errors"
	"fmt"
)

// Controllers of the Gateway API. The output for classStandard relies only on the
// specification.
const (
	classStandard     = "standard"
	classEnvoyGateway = "envoy-gateway"
	classTraefik      = "traefik"
	classLinkerd      = "linkerd"
)

var gatewayClasses = []string{classStandard, classEnvoyGateway, classTraefik, classLinkerd}

// EnvoyGateway reports whether policies of Envoy Gateway are written, which
// remove the timeouts of calls.
func (c *config) EnvoyGateway() bool { return c.GatewayClass == classEnvoyGateway }

// Linkerd reports whether routes belong to a Service: a mesh has no Gateway.
func (c *config) Linkerd() bool { return c.GatewayClass == classLinkerd }

// checkGatewayClass returns an error for everything that the controller cannot do.
func checkGatewayClass(target string, c *config) error {
	var errs []error
	if c.HealthCheck > 0 && !c.EnvoyGateway() {
		errs = append(errs, fmt.Errorf("target %s: parameter health_check: with gateway_class=%s it has no gRPC health checks, only with gateway_class=%s", target, c.GatewayClass, classEnvoyGateway))
	}
	for _, u := range c.Upstreams {
		if c.Linkerd() && u.TLS {
			errs = append(errs, u.refuse(target, "Linkerd does not open TLS connections to upstreams, since it encrypts the traffic of the mesh itself: write it without https://, or use gateway_class=%s", classEnvoyGateway))
		}
	}
	return errors.Join(errs...)
}
