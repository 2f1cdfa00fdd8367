package proxy

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/declared"
	"github.com/gohostrpc/gohost/internal/diag"
)

// service is what is known of a service: its hosts and its upstream. There is no
// upstream where no call would go to it.
type service struct {
	element
	methods []method // those with a host or an upstream of their own
}

// method is what is known of a method. Without an upstream of its own it has
// that of the service.
type method struct {
	element
	ownUpstream bool
}

// element is what services and methods have in common.
type element struct {
	desc     protoreflect.Descriptor
	hosts    []string // the host and the aliases
	at       diag.Place
	upstream *upstream
}

func (e element) name() string { return string(e.desc.FullName()) }

// String names e and its place, such as "service a.S (a.proto:3:1)".
func (e element) String() string {
	return fmt.Sprintf("%s %s (%v)", diag.Kind(e.desc), e.name(), e.at)
}

func byName(a, b service) int { return cmp.Compare(a.name(), b.name()) }

// readFile returns the services of f.
func readFile(f protoreflect.FileDescriptor, params *parameters, warnings io.Writer) ([]service, error) {
	hosts, err := params.hosts.InFile(f, warnings)
	errs := []error{err}
	var services []service
	for i := range f.Services().Len() {
		s, err := readService(f.Services().Get(i), hosts, params)
		services = append(services, s)
		errs = append(errs, err)
	}
	return services, errors.Join(errs...)
}

func readService(s protoreflect.ServiceDescriptor, hosts *declared.Hosts, params *parameters) (service, error) {
	declaration, err := hosts.OfService(s)
	errs := []error{err}
	read := service{element: element{desc: s, at: declaration.At}}
	if declaration.Host != "" {
		read.hosts = append(read.hosts, declaration.Host)
	}
	for _, alias := range declaration.Aliases {
		if !slices.Contains(read.hosts, alias) {
			read.hosts = append(read.hosts, alias)
		}
	}
	for i := range s.Methods().Len() {
		m, err := readMethod(s.Methods().Get(i), hosts, params)
		errs = append(errs, err)
		if len(m.hosts) > 0 || m.ownUpstream {
			read.methods = append(read.methods, m)
		}
	}
	if err := errors.Join(errs...); err != nil || !read.needsUpstream() {
		return read, err
	}
	addresses := params.upstreams
	if own, ok := params.ofElement[read.name()]; ok {
		addresses = own
	}
	if len(addresses) == 0 {
		return read, diag.Errorf(read.at, "service %s has no upstream: give it one by the parameter upstream.%s=HOST:PORT, or all by upstream={service}:PORT", read.name(), read.name())
	}
	read.upstream, err = params.expand(addresses, s, read.element)
	for i := range read.methods {
		if !read.methods[i].ownUpstream {
			read.methods[i].upstream = read.upstream
		}
	}
	return read, err
}

// routed tells whether calls of s can be known by their host.
func (s service) routed() bool {
	return len(s.hosts) > 0 || slices.ContainsFunc(s.methods, func(m method) bool { return len(m.hosts) > 0 })
}

// needsUpstream tells whether calls go to the upstream of s itself. They do not
// where hosts are those of methods only, and these have upstreams of their own.
func (s service) needsUpstream() bool {
	return len(s.hosts) > 0 || slices.ContainsFunc(s.methods, func(m method) bool { return len(m.hosts) > 0 && !m.ownUpstream })
}

func readMethod(m protoreflect.MethodDescriptor, hosts *declared.Hosts, params *parameters) (method, error) {
	host, at, err := hosts.OfMethod(m)
	read := method{element: element{desc: m, at: diag.Position(m)}}
	if host != "" {
		read.hosts = []string{host}
		read.at = at
	}
	addresses, ok := params.ofElement[read.name()]
	if err != nil || !ok {
		return read, err
	}
	read.ownUpstream = true
	read.upstream, err = params.expand(addresses, m.Parent().(protoreflect.ServiceDescriptor), read.element)
	return read, err
}

// expand returns the upstream of e that addresses make for s.
func (p *parameters) expand(addresses []string, s protoreflect.ServiceDescriptor, e element) (*upstream, error) {
	u, err := expandUpstream(addresses, s)
	if err != nil {
		return nil, diag.Errorf(e.at, "%s %s: %w", diag.Kind(e.desc), e.name(), err)
	}
	return p.with(u), nil
}

// with completes u by the parameters that are for all upstreams.
func (p *parameters) with(u *upstream) *upstream {
	if u.TLS {
		u.CA = p.upstreamCA
	}
	return u
}

// unused returns an error for each parameter that is for a service, method or
// host that has no route: a misspelt one would be left out in silence.
func (p *parameters) unused(services []service) error {
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
	for _, name := range slices.Sorted(maps.Keys(p.ofElement)) {
		if routed, ok := elements[name]; !ok {
			errs = append(errs, fmt.Errorf("parameter upstream.%s: there is no service or method of that name", name))
		} else if !routed {
			errs = append(errs, fmt.Errorf("parameter upstream.%s: no host is declared for it, so it has no route", name))
		}
	}
	for _, host := range slices.Sorted(maps.Keys(p.ofHost)) {
		if !hosts[host] {
			errs = append(errs, fmt.Errorf("parameter host_upstream.%s: no service declares that host", host))
		}
	}
	return errors.Join(errs...)
}
