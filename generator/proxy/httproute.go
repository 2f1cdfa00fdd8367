package proxy

import (
	"errors"
	"fmt"
	"strings"
)

// httpRoute is an HTTPRoute of the Gateway API.
//
// Traefik takes the longest path before the most specific host: of the rules that match a
// call, an exact path wins over all others, then the longest path, then the longest host
// of the route, and a host has no precedence over a wildcard of its length. Of a route's
// n rules the first gets n extra points, and the last gets 1. In the Gateway API the host
// comes first. Here both have the same result: each path of a less specific host is also
// there for the more specific host, with more points.
type httpRoute struct {
	Name  string
	Hosts []host // at most maxHostnames
	Rules []httpRule
}

// httpRule says where calls with some paths go.
type httpRule struct {
	Again   bool        // it repeats the rule before
	Matches []pathMatch // at most maxMatches
	*upstream
}

// pathMatch is a path of an HTTPRoute.
type pathMatch struct {
	Comment string
	Type    string // Exact or PathPrefix
	Path    string // without a final slash, except "/"
}

// The limits of an HTTPRoute, as its CRD states them, and of Traefik. A route takes 16
// rules and 128 matches. A repeated rule may use up to half of the matches.
const (
	maxHTTPRules = 15
	maxMatches   = 64
	// maxPath is the maximum length of a path: if a path is longer, Traefik
	// prefers a prefix to an exact path.
	maxPath = 899
)

// checkHTTPRoutes returns an error for everything that an HTTPRoute cannot
// have.
func checkHTTPRoutes(target string, c *config) error {
	errs := []error{checkHosts(target, "HTTPRoute", c), checkServices(target, c), checkGatewayServices(target, "HTTPRoute", c)}
	for _, v := range c.VirtualHosts {
		for _, r := range v.Routes {
			if n := len(r.Path()); n > maxPath {
				errs = append(errs, v.Hosts[0].of.refuse(target, "%s...: the path has %d characters, and in Traefik an exact path only wins over a prefix of up to %d: gateway_class=standard has other limits", r.Path()[:40], n, maxPath))
			}
		}
	}
	for _, r := range c.HTTPRoutes() {
		if h := r.Hosts[0]; len(r.Name) > maxName {
			errs = append(errs, h.of.refuse(target, "host %q is too long: an HTTPRoute is named after it, and a name has at most %d characters", h.Pattern, maxName))
		}
	}
	return errors.Join(errs...)
}

// HTTPRoutes returns the routes for Traefik.
func (c *config) HTTPRoutes() []httpRoute {
	var routes []httpRoute
	var names namer
	open := make(map[string][]int) // routes that may have room, by their rules
	all := c.Matches()
	wildcards := make(map[string]match)
	for _, m := range all {
		if m.Wildcard() {
			wildcards[m.Pattern] = m
		}
	}
	isWider := make(map[string]bool)
	for _, m := range all { // a wildcard comes after the hosts that it stands for
		wider := containing(wildcards, m.host)
		for _, w := range wider {
			isWider[w.Pattern] = true
		}
		rules := byUpstream(append(m.VirtualHost.All(), shadows(m, wider)...))
		limit := maxHTTPRules
		if isWider[m.Pattern] {
			limit = 1 // its rules get as few points as possible
		}
		for _, part := range parts(rules, limit) {
			if contends(m.host, wider) {
				again := part[len(part)-1]
				again.Again = true
				part = append(part, again)
			}
			key := rulesKey(part)
			for len(open[key]) > 0 && len(routes[open[key][0]].Hosts) == maxHostnames {
				open[key] = open[key][1:]
			}
			// A wildcard that already has a route is not shorter, so its points stay.
			if with := open[key]; len(with) > 0 && !isWider[m.Pattern] {
				routes[with[0]].Hosts = append(routes[with[0]].Hosts, m.host)
				continue
			}
			name := names.unique(strings.Replace(m.Pattern, "*", "any", 1))
			open[key] = append(open[key], len(routes))
			routes = append(routes, httpRoute{name, []host{m.host}, part})
		}
	}
	return routes
}

// rulesKey returns a key that is equal for equal rules.
func rulesKey(rules []httpRule) string {
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&b, "%s %q\n", r.Name, r.Matches)
	}
	return b.String()
}

// parts splits rules into parts of at most n rules and maxMatches matches.
func parts(rules []httpRule, n int) [][]httpRule {
	var parts [][]httpRule
	matches := 0
	for _, r := range rules {
		last := len(parts) - 1
		if last < 0 || len(parts[last]) == n || matches+len(r.Matches) > maxMatches {
			parts, matches = append(parts, nil), 0
			last++
		}
		parts[last] = append(parts[last], r)
		matches += len(r.Matches)
	}
	return parts
}

// containing returns those of wildcards, keyed by pattern, that also stand for h, or for
// all of its hosts: the longest first.
func containing(wildcards map[string]match, h host) []match {
	var wider []match
	name := strings.TrimPrefix(h.Pattern, "*.")
	for {
		_, parent, ok := strings.Cut(name, ".")
		if !ok {
			return wider
		}
		if m, found := wildcards["*."+parent]; found {
			wider = append(wider, m)
		}
		name = parent
	}
}

// contends reports whether h is as long as a wildcard that also stands for it.
func contends(h host, wider []match) bool {
	for _, w := range wider {
		if len(w.Pattern) == len(h.Pattern) {
			return true
		}
	}
	return false
}

// shadows returns a route for each path that a wider host has and m lacks. It
// leads where m leads that path anyway.
func shadows(m match, wider []match) []route {
	own := make(map[string]*upstream)
	for _, r := range m.VirtualHost.All() {
		own[r.Path()] = r.Upstream
	}
	var routes []route
	for _, w := range wider {
		for _, r := range w.VirtualHost.Routes {
			if own[r.Path()] != nil {
				continue
			}
			shadow := r
			shadow.Comment = "as all calls of this host that have no other path; " + w.Pattern + " has this one"
			shadow.Upstream = m.VirtualHost.Default.Upstream
			if service := own[route{Service: r.Service}.Path()]; service != nil {
				shadow.Upstream = service
				shadow.Comment = "as all methods of the service; " + w.Pattern + " has this one"
			}
			own[r.Path()] = shadow.Upstream
			routes = append(routes, shadow)
		}
	}
	return routes
}

// byUpstream groups routes by upstream, as rules with only matches.
func byUpstream(routes []route) []httpRule {
	var groups []httpRule
	index := make(map[*upstream]int)
	for _, r := range routes {
		i, ok := index[r.Upstream]
		if !ok || len(groups[i].Matches) == maxMatches {
			i = len(groups)
			index[r.Upstream] = i
			groups = append(groups, httpRule{upstream: r.Upstream})
		}
		groups[i].Matches = append(groups[i].Matches, pathMatchOf(r))
	}
	return groups
}

func pathMatchOf(r route) pathMatch {
	switch {
	case r.Method != "":
		return pathMatch{r.Comment, "Exact", r.Path()}
	case r.Service != "":
		return pathMatch{r.Comment, "PathPrefix", strings.TrimSuffix(r.Path(), "/")}
	}
	return pathMatch{r.Comment, "PathPrefix", "/"}
}
