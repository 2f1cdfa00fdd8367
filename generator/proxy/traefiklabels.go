package proxy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// composeService is a service of docker compose: an instance of an upstream.
// Its labels tell Traefik which calls it gets.
type composeService struct {
	Name   string
	Labels []label
}

// label is a label of a container.
type label struct {
	Comment string // "" for none
	Name    string
	Value   string // safe between double quotes of YAML, for compose
}

// checkTraefikLabels returns an error for each upstream that labels cannot name:
// Traefik connects to the IP address of the container that has them.
func checkTraefikLabels(target string, c *config) error {
	var errs []error
	for _, u := range c.Upstreams {
		if u.TLS {
			errs = append(errs, u.refuse(target, "a label cannot set the name for which a certificate is verified, so TLS to %s is not possible: use target traefik", u.Servers[0].Host))
		}
		var hosts []string
		for _, s := range u.Servers {
			if !isDNSName(s.Host) {
				errs = append(errs, u.refuse(target, "%s is not a service of docker compose: write its name and port", s))
			}
			if slices.Contains(hosts, s.Host) {
				errs = append(errs, u.refuse(target, "it has two ports of %s, and labels give a container one port per upstream: use one port, or target traefik", s.Host))
			}
			hosts = append(hosts, s.Host)
		}
	}
	return errors.Join(errs...)
}

// ComposeServices returns the services of docker compose that c sends calls to, in the
// order of their upstreams. The instances of an upstream have the same labels, so Traefik
// makes one service of them.
func (c *config) ComposeServices() []composeService {
	var services []composeService
	index := make(map[string]int) // by name
	names, routerNames := namer{fold: true}, namer{fold: true}
	routers := make(map[*upstream][]router)
	for _, r := range c.Routers() {
		r.Name = routerNames.unique(labelName(r.Name))
		routers[r.Upstream] = append(routers[r.Upstream], r)
	}
	for _, u := range c.Upstreams {
		name := names.unique(labelName(u.Name))
		for _, s := range u.Servers {
			i, ok := index[s.Host]
			if !ok {
				i = len(services)
				index[s.Host] = i
				services = append(services, composeService{s.Host, []label{{"", "traefik.enable", "true"}}})
			}
			services[i].Labels = append(services[i].Labels, c.labels(name, s, routers[u])...)
		}
	}
	return services
}

// labels returns the labels of s, an instance of the upstream called name, to which
// routers lead.
func (c *config) labels(name string, s server, routers []router) []label {
	service := "traefik.http.services." + name + ".loadbalancer."
	labels := []label{
		{"", service + "server.scheme", "h2c"},
		{"", service + "server.port", strconv.Itoa(s.Port)},
	}
	if s.Weight > 0 {
		labels = append(labels, label{"", service + "server.weight", strconv.Itoa(s.Weight)})
	}
	if c.HealthCheck > 0 {
		labels = append(labels,
			label{"", service + "healthcheck.mode", "grpc"},
			label{"", service + "healthcheck.interval", fmt.Sprintf("%ds", c.HealthCheck)})
	}
	for _, r := range routers {
		router := "traefik.http.routers." + r.Name + "."
		labels = append(labels,
			// Compose expands variables after a dollar sign.
			label{r.Comment, router + "rule", strings.ReplaceAll(r.Rule, "$", "$$")},
			label{"", router + "priority", strconv.Itoa(r.Priority)},
			label{"", router + "service", name})
		if len(c.EntryPoints) > 0 {
			labels = append(labels, label{"", router + "entrypoints", strings.Join(c.EntryPoints, ",")})
		}
	}
	return labels
}

// labelName returns name without dots, which separate the parts of a label's
// name.
func labelName(name string) string { return strings.ReplaceAll(name, ".", "-") }
