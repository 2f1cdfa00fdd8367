package proxy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The model is what a proxy does, in terms that all proxies share. The
// templates write it down as it is: its strings need no escaping in the
// language of any target, and its comments are finished text without a newline.

type config struct {
	settings
	VirtualHosts []*virtualHost
	Upstreams    []*upstream
	Sources      []string // comments: the files that declare services, sorted
	Unrouted     []string // comments: services that declare no host
}

// addSource adds the file of s to the sources of c.
func (c *config) addSource(s service) {
	file := s.desc.ParentFile()
	text := file.Path() + " (no package)"
	if file.Package() != "" {
		text = fmt.Sprintf("%s (package %s)", file.Path(), file.Package())
	}
	text = commentText(text)
	if i, found := slices.BinarySearch(c.Sources, text); !found {
		c.Sources = slices.Insert(c.Sources, i, text)
	}
}

// virtualHost is what the proxy does with calls to some hosts.
type virtualHost struct {
	Name    string
	Hosts   []host
	Routes  []route // methods before services
	Default route   // of all other calls: health checks, reflection
}

// host is a host, or "*." and a name for all hosts below it.
type host struct {
	Pattern string
	of      element // its declaring element, for errors
}

// route says where calls with a path go.
type route struct {
	Comment  string
	Service  string // "" for all
	Method   string // "" for all of the service
	Upstream *upstream
}

// Path returns the path of a method, or the prefix of the paths of a service.
func (r route) Path() string { return "/" + r.Service + "/" + r.Method }

// Wildcard reports whether h stands for all hosts below its name.
func (h host) Wildcard() bool { return strings.HasPrefix(h.Pattern, "*.") }

// Suffix returns the common suffix of a wildcard's hosts, with the dot.
func (h host) Suffix() string { return strings.TrimPrefix(h.Pattern, "*") }

// Regexp returns a regular expression for h. It has no space, quote or backtick.
func (h host) Regexp() string {
	if h.Wildcard() {
		return "^.+" + regexp.QuoteMeta(h.Suffix()) + "$"
	}
	return "^" + regexp.QuoteMeta(h.Pattern) + "$"
}

// specificity is greater if h wins over another pattern for the same host: a
// host over wildcards, and a longer wildcard over a shorter one.
func (h host) specificity() int {
	const exact = 254 // more than the length of any name
	if h.Wildcard() {
		return len(h.Suffix())
	}
	return exact
}

// match is a host and where it leads to.
type match struct {
	host
	VirtualHost *virtualHost
}

// Matches returns all hosts in order of precedence, for proxies that take the
// first one that matches.
func (c *config) Matches() []match {
	var matches []match
	for _, v := range c.VirtualHosts {
		for _, h := range v.Hosts {
			matches = append(matches, match{h, v})
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return b.specificity() - a.specificity() })
	return matches
}

// All returns the routes of v, followed by the default one.
func (v *virtualHost) All() []route { return append(slices.Clone(v.Routes), v.Default) }
