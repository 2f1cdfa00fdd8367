package proxy

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/gohostrpc/gohost/internal/diag"
)

// Names in Kubernetes: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
var (
	kubernetesHost = regexp.MustCompile(`^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	kubernetesName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	// serviceAddress is a Service: its name, with or without its namespace.
	serviceAddress = regexp.MustCompile(`^([a-z]([-a-z0-9]{0,61}[a-z0-9])?)(?:\.([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)(?:\.svc(?:\.cluster\.local)?)?)?$`)
	labelPattern   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

const maxName = 253

// gateway is the Gateway of the Gateway API that routes belong to.
type gateway struct {
	Namespace, Name string
	whole           bool // the namespace is given
}

func parseGateway(value string) (gateway, error) {
	namespace, name, ok := strings.Cut(value, "/")
	if !ok {
		namespace, name = "", value
	}
	if ok && !labelPattern.MatchString(namespace) || !labelPattern.MatchString(name) {
		return gateway{}, fmt.Errorf("gateway=%q: it is NAME or NAMESPACE/NAME of a Gateway in Kubernetes", value)
	}
	return gateway{namespace, name, ok}, nil
}

// checkLabel returns an error for a value that is not a DNS label.
func checkLabel(name, value string) error {
	if !labelPattern.MatchString(value) {
		return fmt.Errorf("%s=%q: that is not a name in Kubernetes: 1 to 63 lower-case letters, digits and -", name, value)
	}
	return nil
}

// checkObject returns an error for a value that is not the name of an object.
func checkObject(name, value string) error {
	if len(value) > maxName || !kubernetesName.MatchString(value) {
		return fmt.Errorf("%s=%q: that is not a name in Kubernetes: lower-case letters, digits, - and dots", name, value)
	}
	return nil
}

// checkKubernetes returns an error for each host, name and upstream of c that
// is not valid in Kubernetes. An object of the kind what is made for each
// virtual host.
func checkKubernetes(target, what string, c *config) error {
	return errors.Join(checkHosts(target, what, c), checkNames(target, what, c), checkServices(target, c))
}

// checkNames returns an error for each virtual host of c whose name is not
// valid for an object of the kind what.
func checkNames(target, what string, c *config) error {
	var errs []error
	names := make(map[string]string)
	for _, v := range c.VirtualHosts {
		name := v.KubernetesName()
		if other, taken := names[name]; taken {
			errs = append(errs, v.Hosts[0].of.refuse(target, "its %s would be called %q, like that of %s", what, name, other))
		} else if len(name) > maxName || !kubernetesName.MatchString(name) {
			errs = append(errs, v.Hosts[0].of.refuse(target, "its %s cannot be called %q: that is not a name in Kubernetes", what, name))
		}
		names[name] = v.Name
	}
	return errors.Join(errs...)
}

// checkHosts returns an error for each host of c that an object of the kind what
// does not take.
func checkHosts(target, what string, c *config) error {
	var errs []error
	for _, m := range c.Matches() {
		if !kubernetesHost.MatchString(m.Pattern) {
			errs = append(errs, m.of.refuse(target, "host %q: %s allows only letters, digits, hyphens and dots", m.Pattern, article(what)))
		}
	}
	return errors.Join(errs...)
}

// checkServices returns an error for each upstream that is not a Service.
func checkServices(target string, c *config) error {
	var errs []error
	certified := make(map[string]server) // by the name of the Service
	for _, u := range c.Upstreams {
		for _, s := range u.Servers {
			if !serviceAddress.MatchString(s.Host) {
				errs = append(errs, u.refuse(target, "%q is not a Service of Kubernetes: write NAME:PORT or NAME.NAMESPACE:PORT", s))
				continue
			}
			if !u.TLS {
				continue
			}
			id := c.serviceID(s)
			if other, seen := certified[id]; seen && other.Host != s.Host {
				errs = append(errs, u.refuse(target, "%q and %q are the same Service, whose certificate is verified for one name: always use the same spelling", other, s))
			} else {
				certified[id] = s
			}
		}
	}
	return errors.Join(errs...)
}

func article(what string) string {
	if strings.ContainsAny(what[:1], "AEHIOU") {
		return "an " + what
	}
	return "a " + what
}

// refuse returns an error that says what target cannot do for e.
func (e element) refuse(target, format string, args ...any) error {
	return diag.Errorf(e.at, "target %s: %s %s: %s", target, diag.Kind(e.desc), e.name(), fmt.Sprintf(format, args...))
}

// KubernetesName returns the name of v as the name of a Kubernetes object.
func (v *virtualHost) KubernetesName() string {
	return strings.ReplaceAll(strings.ToLower(v.Name), "_", "-")
}

// Service returns the name of s's Kubernetes Service.
func (s server) Service() string { return serviceAddress.FindStringSubmatch(s.Host)[1] }

// NamespaceOf returns the namespace of s's Service.
func (c *config) NamespaceOf(s server) string {
	if namespace := serviceAddress.FindStringSubmatch(s.Host)[3]; namespace != "" {
		return namespace
	}
	return c.Namespace
}

// serviceID returns the namespace and the name of s's Service.
func (c *config) serviceID(s server) string { return c.NamespaceOf(s) + "/" + s.Service() }

// withTLSAndWithout yields each instance, with its upstream, that differs in TLS from the
// one before it with the same key. It skips instances that are not Services and have no
// key: checkServices refuses them.
func withTLSAndWithout[K comparable](c *config, key func(server) K) iter.Seq2[*upstream, server] {
	return func(yield func(*upstream, server) bool) {
		withTLS := make(map[K]bool)
		for _, u := range c.Upstreams {
			for _, s := range u.Servers {
				if !serviceAddress.MatchString(s.Host) {
					continue
				}
				k := key(s)
				if tls, seen := withTLS[k]; seen && tls != u.TLS && !yield(u, s) {
					return
				}
				withTLS[k] = u.TLS
			}
		}
	}
}

// CrossNamespace reports whether a Service is in another namespace than the
// routes.
func (c *config) CrossNamespace() bool {
	return slices.ContainsFunc(c.Upstreams, func(u *upstream) bool {
		return slices.ContainsFunc(u.Servers, func(s server) bool { return c.NamespaceOf(s) != c.Namespace })
	})
}

// TLSServices returns the Kubernetes Services with TLS, each once.
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
