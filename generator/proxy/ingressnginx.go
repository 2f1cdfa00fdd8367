package proxy

import (
	"errors"
	"io"
	"regexp"
	"slices"

	"github.com/gohostrpc/gohost/internal/diag"
)

// checkIngressNginx returns an error for everything that an Ingress cannot express, or
// that ingress-nginx does not support.
func checkIngressNginx(target string, c *config) error {
	errs := []error{checkKubernetes(target, "Ingress", c)}
	for _, u := range c.Upstreams {
		if u.TLS {
			// It writes proxy_ssl_verify, which nginx's grpc_pass ignores.
			errs = append(errs, u.refuse(target, "ingress-nginx does not check the certificates of gRPC backends, whatever proxy-ssl-verify says, so TLS to %s is not possible: use target gateway-api or traefik-crd", u.Servers[0].Host))
		}
		if u.Several() {
			errs = append(errs, u.refuse(target, "it has %d instances, and an Ingress has one Service for a path: let one Service stand for all, or use target gateway-api or traefik-crd", len(u.Servers)))
		}
		for _, s := range u.Servers {
			if serviceAddress.MatchString(s.Host) && c.NamespaceOf(s) != c.Namespace {
				errs = append(errs, u.refuse(target, "%s is not in the namespace %s, and an Ingress only accepts Services of its own namespace: use target gateway-api or traefik-crd", s, c.Namespace))
			}
		}
	}
	return errors.Join(errs...)
}

// warnIngressNginx warns that a wildcard of an Ingress stands for one label, while ours
// stands for any number. The other hosts reach no backend.
func warnIngressNginx(c *config, w io.Writer) {
	for _, m := range c.Matches() {
		if m.Wildcard() {
			diag.Warn(w, m.of.at, "target ingress-nginx: host %q stands for only one label there: calls to a host with more labels get Unimplemented", m.Pattern)
		}
	}
}

// HasWildcard reports whether a host of c is a wildcard.
func (c *config) HasWildcard() bool {
	return slices.ContainsFunc(c.Matches(), func(m match) bool { return m.Wildcard() })
}

// UseRegex reports whether the paths of v are regular expressions. They are if a method
// has its own route: ingress-nginx does not accept its path, which has a dot, with the
// type Exact.
func (v *virtualHost) UseRegex() bool {
	return slices.ContainsFunc(v.Routes, func(r route) bool { return r.Method != "" })
}

// IngressPath returns the path of r for an Ingress of v.
func (v *virtualHost) IngressPath(r route) string {
	switch {
	case r.Service == "":
		return "/"
	case !v.UseRegex():
		return r.Path()
	case r.Method != "":
		return regexp.QuoteMeta(r.Path()) + "$"
	}
	return regexp.QuoteMeta(r.Path())
}
