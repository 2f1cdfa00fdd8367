package proxy

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/gohostrpc/gohost/internal/declared"
	"github.com/gohostrpc/gohost/internal/diag"
)

// service holds the hosts and the upstream of a service. There is no upstream
// if no call would go to it.
type service struct {
	element
	methods []method // methods with their own host or upstream
}

// method is a method of a service. Without its own upstream it has that of the
// service.
type method struct {
	element
	ownUpstream bool
}

// element is the common part of services and methods.
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

// read returns the services of the files with those names, sorted by name.
func read(files *protoregistry.Files, names []string, params *parameters, warnings io.Writer) ([]service, error) {
	var services []service
	var errs []error
	for _, name := range slices.Sorted(slices.Values(names)) {
		f, err := files.FindFileByPath(name)
		if err != nil {
			return nil, errors.New("the request has no file " + name)
		}
		of, err := readFile(f, params, warnings)
		services = append(services, of...)
		errs = append(errs, err)
	}
	errs = append(errs, params.upstreams.unused(services))
	slices.SortFunc(services, byName)
	return services, diag.InSourceOrder(errs...)
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
	seen := map[string]bool{"": true} // "" means no host
	for _, host := range append([]string{declaration.Host}, declaration.Aliases...) {
		if !seen[host] {
			seen[host] = true
			read.hosts = append(read.hosts, host)
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
	read.upstream, err = params.upstreams.ofService(read.element)
	for i := range read.methods {
		if !read.methods[i].ownUpstream {
			read.methods[i].upstream = read.upstream
		}
	}
	return read, err
}

// routed reports whether calls of s can be recognised by their host.
func (s service) routed() bool {
	return len(s.hosts) > 0 || slices.ContainsFunc(s.methods, func(m method) bool { return len(m.hosts) > 0 })
}

// needsUpstream reports whether calls go to the upstream of s itself. They do
// not if only methods have hosts, and these have their own upstreams.
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
	if err != nil {
		return read, err
	}
	read.upstream, read.ownUpstream, err = params.upstreams.ofMethod(read.element)
	return read, err
}
