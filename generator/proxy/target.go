package proxy

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/gohostrpc/gohost/internal/diag"
)

// target is a proxy, and the file that is written for it.
type target struct {
	name     string
	file     string
	template string
	uses     []string // of the parameters that not all targets use
	requires []string
	check    func(*config) error // its limits
}

// targets are all of them.
var targets = []target{
	{"traefik", "traefik.yaml", "traefik.yaml.tmpl", []string{"certificate", "upstream_ca"}, nil, noLimits},
	{"nginx", "nginx.conf", "nginx.conf.tmpl", []string{"listen", "certificate", "upstream_ca"}, nil, oneCertificateName},
	{"haproxy", "haproxy.cfg", "haproxy.cfg.tmpl", []string{"listen", "certificate", "upstream_ca"}, nil, checkHAProxy},
	{"caddy", "Caddyfile", "Caddyfile.tmpl", []string{"listen", "certificate", "upstream_ca"}, nil, noLimits},
	{"envoy", "envoy.yaml", "envoy.yaml.tmpl", []string{"listen", "certificate", "upstream_ca"}, nil, oneCertificateName},
	{"gateway-api", "gateway-api.yaml", "gateway-api.yaml.tmpl", []string{"gateway"}, []string{"gateway"}, checkGatewayAPI},
}

func targetNames() string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.name
	}
	return strings.Join(names, ", ")
}

func noLimits(*config) error { return nil }

// oneCertificateName: nginx and Envoy check the certificates of all instances of
// an upstream for one name.
func oneCertificateName(c *config) error {
	var errs []error
	for _, u := range c.Upstreams {
		for _, s := range u.Servers {
			if u.TLS && s.Host != u.Servers[0].Host {
				errs = append(errs, fmt.Errorf("upstream of %s: nginx and Envoy check the certificates of all its instances for one name, and cannot for both %s and %s: let one DNS name stand for all instances", u.Name, u.Servers[0].Host, s.Host))
				break
			}
		}
	}
	return errors.Join(errs...)
}

func checkHAProxy(c *config) error {
	if c.Certificate != "" && c.Key != c.Certificate && c.Key != c.Certificate+".key" {
		return fmt.Errorf("target haproxy: key=%s: HAProxy looks for the key in the file of the certificate, or in %s.key", c.Key, c.Certificate)
	}
	return nil
}

// The limits of the Gateway API's GRPCRoute, as its CRD states them.
const (
	maxHostnames = 16
	maxRules     = 16
	maxBackends  = 16
	maxName      = 253
)

var (
	kubernetesHost = regexp.MustCompile(`^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	kubernetesName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	// serviceAddress is a Service: its name, with or without its namespace.
	serviceAddress = regexp.MustCompile(`^([a-z]([-a-z0-9]{0,61}[a-z0-9])?)(?:\.([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)(?:\.svc(?:\.cluster\.local)?)?)?$`)
)

func checkGatewayAPI(c *config) error {
	var errs []error
	names := make(map[string]string)
	for _, v := range c.VirtualHosts {
		first := v.Hosts[0].of
		refuse := func(e element, format string, args ...any) {
			errs = append(errs, diag.Errorf(e.at, "target gateway-api: %s %s: %s", diag.Kind(e.desc), e.name(), fmt.Sprintf(format, args...)))
		}
		for _, h := range v.Hosts {
			if !kubernetesHost.MatchString(h.Pattern) {
				refuse(h.of, "host %q: a GRPCRoute takes letters, digits, hyphens and dots only", h.Pattern)
			}
		}
		if n := len(v.Hosts); n > maxHostnames {
			refuse(first, "it has %d hosts, and a GRPCRoute takes %d", n, maxHostnames)
		}
		if n := len(v.All()); n > maxRules {
			refuse(first, "the calls of host %q have %d routes, and a GRPCRoute takes %d", v.Hosts[0].Pattern, n, maxRules)
		}
		name := v.KubernetesName()
		if other, taken := names[name]; taken || len(name) > maxName || !kubernetesName.MatchString(name) {
			if taken {
				refuse(first, "its GRPCRoute would be called %q, as that of %s", name, other)
			} else {
				refuse(first, "its GRPCRoute cannot be called %q: that is no name in Kubernetes", name)
			}
		}
		names[name] = v.Name
	}
	for _, u := range c.Upstreams {
		if n := len(u.Servers); n > maxBackends {
			errs = append(errs, fmt.Errorf("target gateway-api: upstream of %s: it has %d instances, and a GRPCRoute takes %d", u.Name, n, maxBackends))
		}
		for _, s := range u.Servers {
			if !serviceAddress.MatchString(s.Host) {
				errs = append(errs, fmt.Errorf("target gateway-api: upstream of %s: %q is no Service of Kubernetes: write NAME:PORT or NAME.NAMESPACE:PORT", u.Name, s))
			}
		}
	}
	return errors.Join(errs...)
}

// KubernetesName returns the name of v as one of an object in Kubernetes.
func (v *virtualHost) KubernetesName() string {
	return strings.ReplaceAll(strings.ToLower(v.Name), "_", "-")
}

// Service returns the name of the Service in Kubernetes that s is.
func (s server) Service() string { return serviceAddress.FindStringSubmatch(s.Host)[1] }

// Namespace returns its namespace, or "".
func (s server) Namespace() string { return serviceAddress.FindStringSubmatch(s.Host)[3] }

// TLSServices returns, each once, the Services in Kubernetes that have TLS.
func (c *config) TLSServices() []server {
	var services []server
	seen := make(map[string]bool)
	for _, u := range c.Upstreams {
		for _, s := range u.Servers {
			if u.TLS && !seen[s.Host] {
				seen[s.Host] = true
				services = append(services, s)
			}
		}
	}
	return services
}
