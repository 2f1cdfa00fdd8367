package proxy

import (
	"strings"
)

// router is a rule of Traefik.
type router struct {
	Name     string
	Comment  string
	Rule     string // has backticks; safe between double quotes of YAML
	Priority int    // the greatest that matches wins
	Upstream *upstream
}

// Routers returns the rules of Traefik, each with its own name.
func (c *config) Routers() []router {
	var routers []router
	var names namer
	for _, v := range c.VirtualHosts {
		routers = append(routers, v.routers(&names)...)
	}
	return routers
}

// Routers returns the rules of Traefik for v.
func (v *virtualHost) Routers() []router { return v.routers(new(namer)) }

// routers returns the rules for v. The hosts of one rule have the same specificity, since
// a rule has one priority.
func (v *virtualHost) routers(names *namer) []router {
	var routers []router
	for _, hosts := range bySpecificity(v.Hosts) {
		for _, r := range v.All() {
			routers = append(routers, router{
				Name:     routerName(names, v, r),
				Comment:  r.Comment,
				Rule:     hostRule(hosts, r) + pathRule(r),
				Priority: 3*hosts[0].specificity() + pathRank(r),
				Upstream: r.Upstream,
			})
		}
	}
	return routers
}

// bySpecificity groups hosts by specificity, in their order.
func bySpecificity(hosts []host) [][]host {
	var groups [][]host
	index := make(map[int]int)
	for _, h := range hosts {
		i, ok := index[h.specificity()]
		if !ok {
			i = len(groups)
			index[h.specificity()] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], h)
	}
	return groups
}

func routerName(names *namer, v *virtualHost, r route) string {
	if r.Service == "" {
		return names.unique(v.Name + "-others")
	}
	return names.unique(strings.TrimSuffix(r.Service+"."+r.Method, "."))
}

func hostRule(hosts []host, r route) string {
	var rules []string
	for _, h := range hosts {
		if h.Wildcard() {
			rules = append(rules, "HostRegexp(`"+strings.ReplaceAll(h.Regexp(), `\`, `\\`)+"`)")
		} else {
			rules = append(rules, "Host(`"+h.Pattern+"`)")
		}
	}
	rule := strings.Join(rules, " || ")
	if len(rules) > 1 && r.Service != "" {
		return "(" + rule + ")"
	}
	return rule
}

func pathRule(r route) string {
	switch {
	case r.Method != "":
		return " && Path(`" + r.Path() + "`)"
	case r.Service != "":
		return " && PathPrefix(`" + r.Path() + "`)"
	}
	return ""
}

// pathRank is greater if r wins over another route of the same host.
func pathRank(r route) int {
	switch {
	case r.Method != "":
		return 2
	case r.Service != "":
		return 1
	}
	return 0
}
