package proxy

import "errors"

// The limits of the Gateway API's GRPCRoute, as its CRD states them.
const (
	maxHostnames = 16
	maxRules     = 16
	maxBackends  = 16
)

func checkGatewayAPI(target string, c *config) error {
	errs := []error{checkKubernetes(target, "GRPCRoute", c)}
	for _, v := range c.VirtualHosts {
		first := v.Hosts[0].of
		if n := len(v.Hosts); n > maxHostnames {
			errs = append(errs, first.refuse(target, "it has %d hosts, and a GRPCRoute takes %d", n, maxHostnames))
		}
		if n := len(v.All()); n > maxRules {
			errs = append(errs, first.refuse(target, "the calls of host %q have %d routes, and a GRPCRoute takes %d", v.Hosts[0].Pattern, n, maxRules))
		}
	}
	for _, u := range c.Upstreams {
		if n := len(u.Servers); n > maxBackends {
			errs = append(errs, u.refuse(target, "it has %d instances, and a GRPCRoute takes %d", n, maxBackends))
		}
	}
	return errors.Join(errs...)
}
