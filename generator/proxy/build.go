package proxy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/gohostrpc/gohost/internal/diag"
)

// builder makes the model of services, which are sorted.
type builder struct {
	params           *parameters
	config           *config
	upstreamNames    namer
	virtualHostNames namer
	upstreams        map[string]*upstream
	claims           map[string]*claim       // by the pattern of a host
	patterns         []string                // in the order of their first claims
	virtualHosts     map[string]*virtualHost // by their routes
}

// claim holds what services declare about a host.
type claim struct {
	host
	claimants []element // elements whose other calls may use the host too: the first decides
	routes    []route
}

func build(services []service, params *parameters) (*config, error) {
	b := &builder{
		params: params,
		config: &config{settings: params.settings},
		// Some proxies ignore case.
		upstreamNames: namer{fold: true}, virtualHostNames: namer{fold: true},
		upstreams:    make(map[string]*upstream),
		claims:       make(map[string]*claim),
		virtualHosts: make(map[string]*virtualHost),
	}
	for _, s := range services {
		b.config.addSource(s)
		if !s.routed() {
			b.config.Unrouted = append(b.config.Unrouted, fmt.Sprintf("%s declares no host and has no route", comment(s.element)))
			continue
		}
		b.claim(s)
	}
	if len(b.patterns) == 0 {
		return nil, errors.New("no service declares a host, so there is nothing to route: add option (gohost.v1.service).host = \"square.example\" to one, or the parameter host_template={service}.example")
	}
	var errs []error
	for _, pattern := range b.patterns {
		errs = append(errs, b.settle(b.claims[pattern]))
	}
	withTLS := func(u *upstream) bool { return u.TLS }
	if !slices.ContainsFunc(b.config.Upstreams, withTLS) {
		for _, name := range params.upstreamCAs() {
			errs = append(errs, fmt.Errorf("parameter %s: no upstream has TLS: write https://HOST:PORT for those that have", name))
		}
	}
	return b.config, diag.InSourceOrder(errs...)
}

// claim adds the hosts of s. Its methods come first, since they must win over
// the service in proxies that take the first route that matches.
func (b *builder) claim(s service) {
	own := make(map[string]bool, len(s.hosts))
	for _, pattern := range s.hosts {
		own[pattern] = true
	}
	for _, m := range s.methods {
		r := route{Comment: comment(m.element), Service: s.name(), Method: string(m.desc.Name())}
		if m.ownUpstream {
			r.Upstream = b.upstream(m.name(), m.upstream)
		} else {
			r.Upstream = b.upstream(s.name(), s.upstream)
		}
		for _, pattern := range m.hosts {
			c := b.claimOf(pattern, m.element)
			c.routes = append(c.routes, r)
			if !own[pattern] {
				c.claimants = append(c.claimants, m.element)
			}
		}
		if len(m.hosts) > 0 {
			continue // at the service's hosts it is like the other methods
		}
		for _, pattern := range s.hosts {
			c := b.claimOf(pattern, s.element)
			c.routes = append(c.routes, r)
		}
	}
	for _, pattern := range s.hosts {
		c := b.claimOf(pattern, s.element)
		c.routes = append(c.routes, route{Comment: comment(s.element), Service: s.name(), Upstream: b.upstream(s.name(), s.upstream)})
		c.claimants = append(c.claimants, s.element)
	}
}

func (b *builder) claimOf(pattern string, e element) *claim {
	if b.claims[pattern] == nil {
		b.claims[pattern] = &claim{host: host{Pattern: pattern, of: e}}
		b.patterns = append(b.patterns, pattern)
	}
	return b.claims[pattern]
}

// upstream returns the configuration's upstream that equals u. A new one is
// called name.
func (b *builder) upstream(name string, u *upstream) *upstream {
	key := u.key()
	if b.upstreams[key] == nil {
		u.Name = b.upstreamNames.unique(name)
		if u.TLS {
			u.CA = b.params.UpstreamCA
		}
		b.upstreams[key] = u
		b.config.Upstreams = append(b.config.Upstreams, u)
	}
	return b.upstreams[key]
}

// settle decides where the other calls to the host of c go, and adds the host
// to the virtual host with the same routes.
func (b *builder) settle(c *claim) error {
	rest := route{Comment: "all other calls: health checks, reflection"}
	if addresses, ok := b.params.upstreams.ofHost[c.Pattern]; ok {
		u, err := parseUpstream(addresses)
		if err != nil {
			return fmt.Errorf("parameter host_upstream.%s: %w", c.Pattern, err)
		}
		u.of = owner{parameter: "host_upstream." + c.Pattern}
		rest.Upstream = b.upstream("host-"+strings.ReplaceAll(c.Pattern, "*", "_"), u)
	} else {
		if err := c.contradiction(); err != nil {
			return err
		}
		rest.Upstream = b.upstream(c.claimants[0].name(), c.claimants[0].upstream)
	}
	v := b.virtualHost(c, rest)
	v.Hosts = append(v.Hosts, c.host)
	return nil
}

// contradiction returns an error for each claimant that sends other calls
// elsewhere than the first one.
func (c *claim) contradiction() error {
	var errs []error
	first := c.claimants[0]
	for _, other := range c.claimants[1:] {
		if other.upstream.key() != first.upstream.key() {
			errs = append(errs, diag.Errorf(other.at, "%s %s and %v both have the host %q, but different upstreams (%v, %v): it is not clear where its health checks and reflection go: give both the same upstream, or set the parameter host_upstream.%s=HOST:PORT",
				diag.Kind(other.desc), other.name(), first, c.Pattern, other.upstream, first.upstream, c.Pattern))
		}
	}
	return errors.Join(errs...)
}

// virtualHost returns the configuration's virtual host with the routes of c. A
// new one is named after the first claimant.
func (b *builder) virtualHost(c *claim, rest route) *virtualHost {
	key := doing(append(slices.Clip(c.routes), rest))
	if v := b.virtualHosts[key]; v != nil {
		return v
	}
	base := c.routes[0].Service
	if len(c.claimants) > 0 {
		base = c.claimants[0].name()
	}
	v := &virtualHost{Name: b.virtualHostNames.unique(base), Routes: c.routes, Default: rest}
	b.virtualHosts[key] = v
	b.config.VirtualHosts = append(b.config.VirtualHosts, v)
	return v
}

// doing returns a key that is equal for equal routes.
func doing(routes []route) string {
	var b strings.Builder
	for _, r := range routes {
		b.WriteString(r.Path() + " " + r.Upstream.Name + "\n")
	}
	return b.String()
}

// comment says what e is and where it is declared.
func comment(e element) string {
	return commentText(fmt.Sprintf("%v: %s %s", e.at, diag.Kind(e.desc), e.name()))
}

// commentText removes from text what has a meaning in a comment of one of the
// languages. For example, Caddy expands {$NAME} there too.
func commentText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ._-/:,()@+=", r) {
			return r
		}
		return '_'
	}, diag.Clean(text))
}
