package gohost

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/implementation"
)

// Mux lets one server have several implementations of one service, and chooses
// among them by the host of a call: the implementation for the exact host, else for
// the longest "*.name" above the host, else the default. Without a default, a call
// for another host, or without a valid one, fails with Unimplemented and an
// ErrorInfo, [ReasonHostNotServed].
//
//	var mux gohost.Mux
//	RegisterSquareService(&mux, squares)                        // at the hosts that the .proto declares
//	RegisterSquareService(mux.Host("tenant-a.example"), tenant) // at another one
//	server := grpc.NewServer(mux.ServerOption())
//	err := mux.Mount(server)
//
// A Mux accepts services of any generated code, also of several generators together.
// The zero Mux is ready to use, and must not be copied after its first use. One
// goroutine must do all registering, before the server serves. Registering a service
// after [Mux.Mount] has succeeded panics, since the service would not be served.
// Likewise a [grpc.Server] ends the process when a service is registered after Serve.
type Mux struct {
	services []*muxService // in the order in which they were registered
	errs     []error
	mounted  bool // in a server, so that no service can be added
}

// RegisterService registers impl for the hosts and aliases that the service and its
// methods declare ([Declare]), or as the default if it declares none. It makes Mux a
// [grpc.ServiceRegistrar].
func (m *Mux) RegisterService(desc *grpc.ServiceDesc, impl any) {
	var hosts []string
	if service := Lookup(desc.ServiceName); service != nil {
		hosts = service.hosts()
	}
	if len(hosts) == 0 {
		hosts = []string{anyHost}
	}
	m.register(desc, impl, hosts)
}

// Host returns a registrar whose services are served for hosts. A host may be
// "*.name", for all hosts below name. If a host is invalid or there is none, Mount
// returns an error.
func (m *Mux) Host(hosts ...string) *VirtualHost {
	patterns, err := patternsOf(hosts)
	if err == nil && len(hosts) == 0 {
		err = errors.New("Host needs at least one host")
	}
	if err != nil {
		m.errs = append(m.errs, err)
		patterns = nil
	}
	return &VirtualHost{m, patterns}
}

// Default returns a registrar whose services are served for hosts without another
// registration of the service, and for calls without a valid host.
func (m *Mux) Default() *VirtualHost { return &VirtualHost{m, []string{anyHost}} }

// Mount registers all services of m with s. It may be called for several servers.
// It returns an error, and registers nothing, if
//
//   - two implementations of a service claim one host;
//   - a host is invalid;
//   - an implementation is nil, does not implement its service, or embeds a nil pointer
//     to Unimplemented…;
//   - two descriptions of a service differ in their methods.
func (m *Mux) Mount(s grpc.ServiceRegistrar) error {
	if err := errors.Join(m.errs...); err != nil {
		return fmt.Errorf("gohost.Mux: %w", err)
	}
	m.mounted = true
	for _, service := range m.services {
		s.RegisterService(service.dispatching(), service)
	}
	return nil
}

// ServerOption returns an option of a server for its stream interceptors. Their argument
// srv is the chosen implementation in the options after this one. In those before it,
// and without the option, it is a value of the Mux. The Mux chooses in any case. Unary
// interceptors always see the implementation.
func (m *Mux) ServerOption() grpc.ServerOption { return grpc.ChainStreamInterceptor(m.Stream) }

// Stream is the interceptor of [Mux.ServerOption], for servers that are not grpc's own.
func (m *Mux) Stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return chooseFirst(srv, ss, handler)
}

// GetServiceInfo returns all services of m, for package
// [google.golang.org/grpc/reflection]. The caller owns the map.
func (m *Mux) GetServiceInfo() map[string]grpc.ServiceInfo {
	return m.serviceInfo(func(*muxService) bool { return true })
}

func (m *Mux) serviceInfo(want func(*muxService) bool) map[string]grpc.ServiceInfo {
	info := make(map[string]grpc.ServiceInfo)
	for _, s := range m.services {
		if want(s) {
			info[s.desc.ServiceName] = infoOf(s.desc)
		}
	}
	return info
}

// VirtualHost is the part of a [Mux] for some hosts. [Mux.Host] and [Mux.Default] make
// it. It is a [grpc.ServiceRegistrar], and has the method GetServiceInfo that package
// [google.golang.org/grpc/reflection] needs. Reflection that is registered with it lists
// only the services of these hosts:
//
//	reflection.Register(mux.Host("tenant-a.example"))
type VirtualHost struct {
	mux   *Mux
	hosts []string
}

// RegisterService registers impl for the hosts of v.
func (v *VirtualHost) RegisterService(desc *grpc.ServiceDesc, impl any) {
	v.mux.register(desc, impl, v.hosts)
}

// GetServiceInfo returns the services that calls to the first host of v reach. They
// include those of the default, and of a "*.name" above that host.
func (v *VirtualHost) GetServiceInfo() map[string]grpc.ServiceInfo {
	return v.mux.serviceInfo(func(s *muxService) bool {
		return len(v.hosts) > 0 && s.choose(v.hosts[0]) != nil
	})
}

// register registers impl for hosts, and keeps errors for Mount.
func (m *Mux) register(desc *grpc.ServiceDesc, impl any, hosts []string) {
	if m.mounted {
		panic(fmt.Errorf("gohost.Mux: service %s is registered after Mount, too late to be served", desc.ServiceName)) //nolint:forbidigo // an error would go unnoticed: Mount has returned
	}
	if err := implementation.Check(desc, impl); err != nil {
		m.errs = append(m.errs, err)
		return
	}
	service := m.service(desc)
	h, err := newHandlers(service.desc, desc, impl)
	if err != nil {
		m.errs = append(m.errs, err)
		return
	}
	for _, host := range hosts {
		if other := service.byHost[host]; other != nil {
			m.errs = append(m.errs, fmt.Errorf("service %s: %s is claimed by %T and by %T",
				desc.ServiceName, nameOf(host), other.impl, impl))
			continue
		}
		service.byHost[host] = h
	}
}

// service returns the service that desc describes, and makes it if necessary.
func (m *Mux) service(desc *grpc.ServiceDesc) *muxService {
	i := slices.IndexFunc(m.services, func(s *muxService) bool { return s.desc.ServiceName == desc.ServiceName })
	if i < 0 {
		i = len(m.services)
		m.services = append(m.services, &muxService{desc: desc, byHost: make(map[string]*handlers)})
	}
	return m.services[i]
}

func nameOf(pattern string) string {
	if pattern == anyHost {
		return "the default"
	}
	return fmt.Sprintf("host %q", pattern)
}
