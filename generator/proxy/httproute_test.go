package proxy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// For random hosts and routes, the winner by Traefik's rules and the winner by the
// Gateway API's rules both lead where our model leads.
func TestHTTPRoutes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		c := randomConfig(random)
		routes := c.HTTPRoutes()
		seen := make(map[string]bool)
		for _, r := range routes {
			for _, what := range r.all() {
				if seen[what] {
					t.Fatalf("seed %d: %s is there twice, in\n%s", seed, what, describe(routes))
				}
				seen[what] = true
			}
		}
		for range 300 {
			to, path := randomHost(random), randomPath(random)
			want := c.upstreamOf(to, path)
			for by, priority := range map[string]func(httpRoute, host, pathMatch, int) int{"Traefik": traefikPriority, "the Gateway API": specifiedPriority} {
				if got := winner(routes, to, path, priority); !slices.Equal(got, want) {
					t.Fatalf("seed %d: by %s %s%s goes to %v, want %v, of\n%s", seed, by, to, path, got, want, describe(routes))
				}
			}
		}
	}
}

// all returns each pair of a host and a path.
func (r httpRoute) all() []string {
	var all []string
	for _, h := range r.Hosts {
		for _, rule := range r.Rules {
			for _, m := range rule.Matches {
				if !rule.Again {
					all = append(all, h.Pattern+" "+m.Type+m.Path)
				}
			}
		}
	}
	return all
}

// describe returns routes as text, one line per rule.
func describe(routes []httpRoute) string {
	var b strings.Builder
	for _, r := range routes {
		for _, rule := range r.Rules {
			fmt.Fprintf(&b, "%s: %v: %v to %s\n", r.Name, r.Hosts, rule.Matches, rule.Name)
		}
	}
	return b.String()
}

var (
	someLabels   = []string{"a", "b", "long"}
	someServices = []string{"S", "acme.T", "acme.TT"}
	someMethods  = []string{"Get", "GetAll"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func randomHost(r *rand.Rand) string {
	host := "example"
	for range r.IntN(4) {
		host = pick(r, someLabels) + "." + host
	}
	return host
}

func randomPath(r *rand.Rand) string {
	return "/" + pick(r, append(someServices, "grpc.health.v1.Health")) + "/" + pick(r, append(someMethods, "Check"))
}

func randomConfig(r *rand.Rand) *config {
	upstreams := []*upstream{{Name: "u0"}, {Name: "u1"}, {Name: "u2"}}
	c := new(config)
	taken := make(map[string]bool)
	for i := range 4 {
		v := &virtualHost{Name: fmt.Sprintf("v%d", i), Default: route{Upstream: pick(r, upstreams)}}
		for range 1 + r.IntN(3) {
			pattern := randomHost(r)
			if r.IntN(2) == 0 {
				pattern = "*." + pattern
			}
			if !taken[pattern] {
				taken[pattern] = true
				v.Hosts = append(v.Hosts, host{Pattern: pattern})
			}
		}
		for _, s := range someServices {
			if r.IntN(2) == 0 {
				continue
			}
			for _, m := range someMethods {
				if r.IntN(2) == 0 {
					v.Routes = append(v.Routes, route{Service: s, Method: m, Upstream: pick(r, upstreams)})
				}
			}
			if r.IntN(2) == 0 {
				v.Routes = append(v.Routes, route{Service: s, Upstream: pick(r, upstreams)})
			}
		}
		c.VirtualHosts = append(c.VirtualHosts, v)
	}
	return c
}

// upstreamOf returns the name of the upstream that a call goes to by our own
// rules, if any: the host decides first.
func (c *config) upstreamOf(host, path string) []string {
	for _, m := range c.Matches() {
		if !isFor(m.Pattern, host) {
			continue
		}
		to := m.VirtualHost.Default.Upstream
		longest := 0
		for _, r := range m.VirtualHost.Routes {
			if p := r.Path(); (p == path || r.Method == "" && strings.HasPrefix(path, p)) && len(p) > longest {
				to, longest = r.Upstream, len(p)
			}
		}
		return []string{to.Name}
	}
	return nil
}

func isFor(pattern, host string) bool {
	suffix, wildcard := strings.CutPrefix(pattern, "*")
	return pattern == host || wildcard && strings.HasSuffix(host, suffix)
}

func (m pathMatch) isFor(path string) bool {
	return m.Path == path || m.Type == "PathPrefix" && (m.Path == "/" || strings.HasPrefix(path, m.Path+"/"))
}

// winner returns the upstreams of the matches with the highest priority, each once: a
// proxy could take any of them.
func winner(routes []httpRoute, to, path string, priority func(r httpRoute, h host, m pathMatch, before int) int) []string {
	var names []string
	highest := 0
	for _, r := range routes {
		for i, rule := range r.Rules {
			for _, h := range r.Hosts {
				for _, m := range rule.Matches {
					if !isFor(h.Pattern, to) || !m.isFor(path) {
						continue
					}
					p := priority(r, h, m, len(r.Rules)-i)
					if p > highest {
						highest, names = p, nil
					}
					if p == highest && !slices.Contains(names, rule.Name) {
						names = append(names, rule.Name)
					}
				}
			}
		}
	}
	return names
}

// traefikPriority is what buildMatchRule and loadHTTPRoute of Traefik 3.6.0 compute.
func traefikPriority(r httpRoute, _ host, m pathMatch, before int) int {
	p := before
	for _, h := range r.Hosts {
		p = max(p, before+len(h.Pattern))
	}
	switch {
	case m.Type == "Exact":
		return p + 100000
	case m.Path == "/":
		return p + 1
	}
	return p + 10000 + 100*len(m.Path)
}

// specifiedPriority goes by the most specific host, then by the path.
func specifiedPriority(_ httpRoute, h host, m pathMatch, _ int) int {
	p := 10000 * h.specificity()
	if m.Type == "Exact" {
		return p + 5000
	}
	return p + len(m.Path)
}
