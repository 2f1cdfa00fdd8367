package proxy

import (
	"errors"
	"strings"
)

// httpRoute is an HTTPRoute of the Gateway API: calls of one host that go to one
// upstream.
//
// Traefik takes the longest path before the most specific host: of the routes that
// match a call, an exact path wins over all others, then the longest path, then the
// longest host, and a host has no precedence over a wildcard of its length. By the
// Gateway API the host comes first. Here both lead to the same: each path that a
// less specific host has is there for the more specific host too.
type httpRoute struct {
	Name    string
	Host    host
	Matches []pathMatch // at most maxMatches
	Twice   bool        // its rule is written twice: of two rules, Traefik prefers the first
	*upstream
}

// Rules returns something for each rule of r.
func (r httpRoute) Rules() []struct{} {
	if r.Twice {
		return make([]struct{}, 2)
	}
	return make([]struct{}, 1)
}

// pathMatch is a path of an HTTPRoute.
type pathMatch struct {
	Comment string
	Type    string // Exact or PathPrefix
	Path    string // without a slash at its end, but for "/"
}

// The limits of an HTTPRoute, as its CRD states them, and of Traefik.
const (
	maxMatches = 64
	// maxPath is how long a path may be: with one that is longer, Traefik prefers
	// a prefix to an exact path.
	maxPath = 899
)

// traefikClass is the gateway_class for which HTTPRoutes are written.
const traefikClass = "traefik"

// checkHTTPRoutes returns an error for each thing that no HTTPRoute can have.
func checkHTTPRoutes(target string, c *config) error {
	errs := []error{checkHosts(target, "HTTPRoute", c), checkServices(target, c), checkGatewayServices(target, "HTTPRoute", c)}
	for _, v := range c.VirtualHosts {
		for _, r := range v.Routes {
			if n := len(r.Path()); n > maxPath {
				errs = append(errs, v.Hosts[0].of.refuse(target, "%s...: the path has %d characters, and for Traefik an exact one wins over a prefix of up to %d only: gateway_class=standard has other limits", r.Path()[:40], n, maxPath))
			}
		}
	}
	for _, r := range c.HTTPRoutes() {
		if len(r.Name) > maxName {
			errs = append(errs, r.Host.of.refuse(target, "host %q is too long: an HTTPRoute is called after it, and a name has %d characters at most", r.Host.Pattern, maxName))
		}
	}
	return errors.Join(errs...)
}

// HTTPRoutes returns the routes for Traefik.
func (c *config) HTTPRoutes() []httpRoute {
	var routes []httpRoute
	var names namer
	all := c.Matches()
	for i, m := range all {
		wider := containing(all[i+1:], m.host)
		for _, r := range byUpstream(append(m.VirtualHost.All(), shadows(m, wider)...)) {
			r.Name = names.unique(strings.Replace(m.Pattern, "*", "any", 1))
			r.Host, r.Twice = m.host, contends(m.host, wider)
			routes = append(routes, r)
		}
	}
	return routes
}

// containing returns the wildcards among matches that stand for h, or for all of
// its hosts, too.
func containing(matches []match, h host) []match {
	var wider []match
	for _, m := range matches {
		if m.Wildcard() && m.Pattern != h.Pattern && strings.HasSuffix(h.Pattern, m.Suffix()) {
			wider = append(wider, m)
		}
	}
	return wider
}

// contends tells whether h has the length of a wildcard that stands for it too.
func contends(h host, wider []match) bool {
	for _, w := range wider {
		if len(w.Pattern) == len(h.Pattern) {
			return true
		}
	}
	return false
}

// shadows returns a route for each path that a wider host has and m has not, to
// where m leads it anyway.
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

// byUpstream returns the routes in groups of one upstream each, with matches only.
func byUpstream(routes []route) []httpRoute {
	var groups []httpRoute
	index := make(map[*upstream]int)
	for _, r := range routes {
		i, ok := index[r.Upstream]
		if !ok || len(groups[i].Matches) == maxMatches {
			i = len(groups)
			index[r.Upstream] = i
			groups = append(groups, httpRoute{upstream: r.Upstream})
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
