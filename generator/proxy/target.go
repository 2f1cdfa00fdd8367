package proxy

import (
	"errors"
	"io"
	"strings"
)

// target is a proxy, and the file that is written for it.
type target struct {
	name         string
	file         string
	template     string
	uses         []string // of the settings
	requires     []string
	weights      bool                                 // whether instances may have weights
	healthChecks bool                                 // whether it has gRPC health checks
	check        func(target string, c *config) error // its other limits
	warn         func(c *config, w io.Writer)         // warns of what may surprise; may be nil
}

// targets are all targets.
var targets = []target{
	{
		name: "traefik", file: "traefik.yaml", template: "traefik.yaml.tmpl",
		uses:    []string{"certificate", "key", "upstream_ca", "entrypoint"},
		weights: true, healthChecks: true,
		check: checkTraefik,
	},
	{
		name: "nginx", file: "nginx.conf", template: "nginx.conf.tmpl",
		uses:    []string{"listen", "certificate", "key", "upstream_ca", "nginx_version"},
		weights: true,
		check:   checkNginx,
	},
	{
		name: "haproxy", file: "haproxy.cfg", template: "haproxy.cfg.tmpl",
		uses:    []string{"listen", "certificate", "key", "upstream_ca"},
		weights: true, healthChecks: true,
		check: checkHAProxy,
	},
	{
		name: "caddy", file: "Caddyfile", template: "Caddyfile.tmpl",
		uses:    []string{"listen", "certificate", "key", "upstream_ca"},
		weights: true,
		check:   checkCaddy,
	},
	{
		name: "envoy", file: "envoy.yaml", template: "envoy.yaml.tmpl",
		uses:         []string{"listen", "certificate", "key", "upstream_ca"},
		weights:      true,
		healthChecks: true,
		check:        oneCertificateName,
	},
	{
		name: "gateway-api", file: "gateway-api.yaml", template: "gateway-api.yaml.tmpl",
		uses:     []string{"namespace", "gateway", "gateway_class", "upstream_ca_configmap"},
		requires: []string{"namespace", "gateway", "gateway_class"},
		weights:  true,
		// Some of its controllers support them.
		healthChecks: true,
		check:        checkGatewayAPI,
	},
	{
		name: "istio", file: "istio.yaml", template: "istio.yaml.tmpl",
		uses:     []string{"namespace", "gateway", "upstream_ca"},
		requires: []string{"namespace", "gateway"},
		weights:  true,
		check:    checkIstio,
	},
	{
		name: "traefik-crd", file: "traefik-crd.yaml", template: "traefik-crd.yaml.tmpl",
		uses:     []string{"namespace", "entrypoint", "tls_secret", "upstream_ca_configmap"},
		requires: []string{"namespace"},
		weights:  true,
		check:    checkTraefikCRD,
	},
	{
		name: "traefik-labels", file: "traefik-labels.yaml", template: "traefik-labels.yaml.tmpl",
		uses:         []string{"entrypoint"},
		weights:      true,
		healthChecks: true,
		check:        checkTraefikLabels,
	},
	{
		name: "ingress-nginx", file: "ingress-nginx.yaml", template: "ingress-nginx.yaml.tmpl",
		uses:     []string{"namespace", "tls_secret"},
		requires: []string{"namespace", "tls_secret"},
		check:    checkIngressNginx,
		warn:     warnIngressNginx,
	},
}

// checkTarget returns an error for everything that t cannot do.
func checkTarget(t target, c *config) error {
	errs := []error{t.check(t.name, c)}
	for _, u := range c.Upstreams {
		if u.Weighted() && !t.weights {
			errs = append(errs, u.refuse(t.name, "its instances cannot have weights: they can with %s", targetsWith(func(t target) bool { return t.weights })))
		}
	}
	return errors.Join(errs...)
}

// targetsWith returns the names of the targets for which has is true.
func targetsWith(has func(target) bool) string {
	var with []target
	for _, t := range targets {
		if has(t) {
			with = append(with, t)
		}
	}
	return namesOf(with)
}

func namesOf(targets []target) string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.name
	}
	return strings.Join(names, ", ")
}

// oneCertificateName returns an error for each TLS upstream with several names:
// nginx and Envoy check the certificates of all its instances for one name.
func oneCertificateName(target string, c *config) error {
	var errs []error
	for _, u := range c.Upstreams {
		for _, s := range u.Servers {
			if u.TLS && s.Host != u.Servers[0].Host {
				errs = append(errs, u.refuse(target, "the certificates of all its instances are checked for one name, and cannot be for both %s and %s: use one DNS name for all instances", u.Servers[0].Host, s.Host))
				break
			}
		}
	}
	return errors.Join(errs...)
}
