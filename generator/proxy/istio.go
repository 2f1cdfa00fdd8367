package proxy

import (
	"cmp"
	"errors"
	"slices"
)

// checkIstio checks that no destination, a port of a Service, is called both
// with TLS and without: a DestinationRule allows only one of them.
func checkIstio(target string, c *config) error {
	errs := []error{checkKubernetes(target, "VirtualService", c)}
	if errs[0] != nil {
		return errs[0]
	}
	for u, s := range withTLSAndWithout(c, c.Destination) {
		errs = append(errs, u.refuse(target, "%s is called with TLS and without: an Istio DestinationRule allows only one of them per port: write all with https://, or none", s))
	}
	return errors.Join(errs...)
}

// IstioGateway returns the Istio Gateway that calls come through. "mesh" alone is a
// reserved word of Istio: the sidecars of clients.
func (c *config) IstioGateway() string {
	if c.Gateway.Name == "mesh" && !c.Gateway.whole {
		return "mesh"
	}
	return c.Gateway.Namespace + "/" + c.Gateway.Name
}

// destination is where Istio sends calls to: the port of a Service.
type destination struct {
	Service   string
	Namespace string
	Port      int
}

// IstioHost returns Istio's name for the Service.
func (d destination) IstioHost() string { return d.Service + "." + d.Namespace + ".svc.cluster.local" }

// Destination returns where calls to s go.
func (c *config) Destination(s server) destination {
	return destination{s.Service(), c.NamespaceOf(s), s.Port}
}

// destinationRule says how the ports of a Service are called.
type destinationRule struct {
	destination // of the Service; the port says nothing
	Ports       []destinationPort
}

// destinationPort is how a port is called.
type destinationPort struct {
	Port int
	TLS  bool
	Name string // in the certificate
}

// DestinationRules returns one for each Service, sorted by namespace and name.
func (c *config) DestinationRules() []destinationRule {
	var rules []destinationRule
	for _, u := range c.Upstreams {
		for _, s := range u.Servers {
			d := destination{Service: s.Service(), Namespace: c.NamespaceOf(s)}
			i, found := slices.BinarySearchFunc(rules, d, func(r destinationRule, d destination) int {
				return cmp.Or(cmp.Compare(r.Namespace, d.Namespace), cmp.Compare(r.Service, d.Service))
			})
			if !found {
				rules = slices.Insert(rules, i, destinationRule{destination: d})
			}
			rules[i].add(destinationPort{s.Port, u.TLS, s.Host})
		}
	}
	return rules
}

// add adds the port p, unless it is there. Ports are sorted.
func (r *destinationRule) add(p destinationPort) {
	i, found := slices.BinarySearchFunc(r.Ports, p.Port, func(p destinationPort, port int) int { return cmp.Compare(p.Port, port) })
	if !found {
		r.Ports = slices.Insert(r.Ports, i, p)
	}
}
