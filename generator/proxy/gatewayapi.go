package proxy

import "errors"

// The limits of the Gateway API's GRPCRoute, as its CRD states them.
const (
	maxHostnames = 16
	maxRules     = 16
	maxBackends  = 16
)

func checkGatewayAPI(target string, c *config) error {
	if c.GatewayClass == classTraefik {
		return errors.Join(checkGatewayClass(target, c), checkHTTPRoutes(target, c))
	}
	errs := []error{checkKubernetes(target, "GRPCRoute", c), checkGatewayClass(target, c), checkGatewayServices(target, "GRPCRoute", c)}
	for _, v := range c.VirtualHosts {
		first := v.Hosts[0].of
		if n := len(v.Hosts); n > maxHostnames {
			errs = append(errs, first.refuse(target, "it has %d hosts, and a GRPCRoute takes %d", n, maxHostnames))
		}
		if n := len(v.All()); n > maxRules {
			errs = append(errs, first.refuse(target, "the calls of host %q have %d routes, and a GRPCRoute takes %d", v.Hosts[0].Pattern, n, maxRules))
		}
	}
	return errors.Join(errs...)
}

// checkGatewayServices returns an error for each upstream that a route of the kind what
// cannot have. A BackendTLSPolicy applies to all ports of a Service, or to one whose name
// is not known here.
func checkGatewayServices(target, what string, c *config) error {
	var errs []error
	for _, u := range c.Upstreams {
		if n := len(u.Servers); n > maxBackends {
			errs = append(errs, u.refuse(target, "it has %d instances, and %s takes %d", n, article(what), maxBackends))
		}
	}
	for u, s := range withTLSAndWithout(c, c.serviceID) {
		errs = append(errs, u.refuse(target, "the Service %s has TLS for one upstream and none for another, and a BackendTLSPolicy applies to all its ports: use two Services", c.serviceID(s)))
	}
	return errors.Join(errs...)
}
