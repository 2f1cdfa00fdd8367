package proxy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/declared"
	"github.com/gohostrpc/gohost/internal/diag"
	"github.com/gohostrpc/gohost/internal/hostname"
)

// upstreams holds the parameters that say where calls go. Their addresses may
// be templates; several addresses are the instances of one upstream.
type upstreams struct {
	common    []string            // of services without their own
	ofElement map[string][]string // by the full name of the service or method
	ofHost    map[string][]string // by host
}

func newUpstreams() upstreams {
	return upstreams{ofElement: make(map[string][]string), ofHost: make(map[string][]string)}
}

// set sets the parameter name, if it is for an upstream.
func (u *upstreams) set(name, value string) (known bool, err error) {
	family, key, ok := strings.Cut(name, ".")
	switch {
	case name == "upstream":
		u.common = append(u.common, value)
		return true, checkUpstream(value)
	case ok && family == "upstream":
		u.ofElement[key] = append(u.ofElement[key], value)
		return true, checkUpstream(value)
	case ok && family == "host_upstream":
		u.ofHost[key] = append(u.ofHost[key], value)
		if len(u.ofHost[key]) > 1 {
			return true, nil // the host was checked with its first address
		}
		if err := hostname.CheckAlias(key); err != nil { // then it cannot be a declared host
			return true, fmt.Errorf("parameter host_upstream: %w", err)
		}
		return true, nil
	}
	return false, nil
}

// checkUpstream returns an error for an address that is a template which no
// service can use.
func checkUpstream(address string) error { return declared.CheckTemplate("upstream", address) }

// ofService returns the upstream of the service e: its own, or the common one.
func (u *upstreams) ofService(e element) (*upstream, error) {
	addresses, ok := u.ofElement[e.name()]
	if !ok {
		addresses = u.common
	}
	if len(addresses) == 0 {
		return nil, diag.Errorf(e.at, "service %s has no upstream: set the parameter upstream.%s=HOST:PORT, or upstream={service}:PORT for all", e.name(), e.name())
	}
	return u.expand(addresses, e.desc.(protoreflect.ServiceDescriptor), e)
}

// ofMethod returns the method e's own upstream, if it has one.
func (u *upstreams) ofMethod(e element) (own *upstream, ok bool, err error) {
	addresses, ok := u.ofElement[e.name()]
	if !ok {
		return nil, false, nil
	}
	own, err = u.expand(addresses, e.desc.Parent().(protoreflect.ServiceDescriptor), e)
	return own, true, err
}

// expand returns the upstream of e that the templates addresses give for s.
func (u *upstreams) expand(addresses []string, s protoreflect.ServiceDescriptor, e element) (*upstream, error) {
	var expanded []string
	for _, address := range addresses {
		expanded = append(expanded, declared.Expand(address, s))
	}
	parsed, err := parseUpstream(expanded)
	if err != nil {
		return nil, diag.Errorf(e.at, "%s %s: %w", diag.Kind(e.desc), e.name(), err)
	}
	parsed.of = owner{element: e}
	return parsed, nil
}

// unused returns an error for each parameter for a service, method or host
// without a route: otherwise a misspelt name would be silently ignored.
func (u *upstreams) unused(services []service) error {
	elements, hosts := make(map[string]bool), make(map[string]bool)
	for _, s := range services {
		elements[s.name()] = s.routed()
		methods := s.desc.(protoreflect.ServiceDescriptor).Methods()
		for i := range methods.Len() {
			elements[string(methods.Get(i).FullName())] = len(s.hosts) > 0
		}
		for _, host := range s.hosts {
			hosts[host] = true
		}
		for _, m := range s.methods {
			for _, host := range m.hosts {
				elements[m.name()], hosts[host] = true, true
			}
		}
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(u.ofElement)) {
		if routed, ok := elements[name]; !ok {
			errs = append(errs, fmt.Errorf("parameter upstream.%s: there is no service or method of that name", name))
		} else if !routed {
			errs = append(errs, fmt.Errorf("parameter upstream.%s: no host is declared for it, so it has no route", name))
		}
	}
	for _, host := range slices.Sorted(maps.Keys(u.ofHost)) {
		if !hosts[host] {
			errs = append(errs, fmt.Errorf("parameter host_upstream.%s: no service declares that host", host))
		}
	}
	return errors.Join(errs...)
}
