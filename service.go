package gohost

import (
	"sync"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// ServiceHosts contains what a .proto declares about the hosts of a service.
// Generated code has one per service. It must not be changed.
type ServiceHosts struct {
	// Name is the fully-qualified protobuf name, such as "square.v1.SquareService".
	Name string
	// Host is the host that calls of the service name; "" if none is declared.
	Host string
	// Aliases are hosts that a server accepts in addition to Host, or "*.name" for all
	// hosts below name. No stub names them by itself.
	Aliases []string
	// MethodHosts are the methods that declare their own host, in the order of the .proto.
	MethodHosts []MethodHost
}

// MethodHost is the host of a method that declares its own.
type MethodHost struct {
	// FullName is the method as sent on the wire, such as "/square.v1.SquareService/Square".
	FullName string
	// Host is the host that calls of the method name.
	Host string
}

// Accepts reports whether a call of the method, such as
// "/square.v1.SquareService/Square", with that :authority is meant for s. The authority
// may have a port, which does not matter. It is meant for s if its host is the service's
// host, one of its aliases, or the method's own host. If a service declares neither host
// nor aliases, it accepts every authority for methods without a host of their own.
func (s *ServiceHosts) Accepts(method, authority string) bool {
	own := s.hostOf(method)
	if own == "" && s.Host == "" && len(s.Aliases) == 0 {
		return true
	}
	host := hostname.Normalize(authority)
	if host == "" {
		return false
	}
	return host == s.Host || host == own || matchesAny(s.Aliases, host)
}

// hostOf returns the host that the method declares itself, or "".
func (s *ServiceHosts) hostOf(method string) string {
	for _, m := range s.MethodHosts {
		if m.FullName == method {
			return m.Host
		}
	}
	return ""
}

// hosts returns all hosts that s declares, each once.
func (s *ServiceHosts) hosts() []string {
	var hosts []string
	seen := map[string]bool{"": true}
	add := func(host string) {
		if !seen[host] {
			seen[host] = true
			hosts = append(hosts, host)
		}
	}
	add(s.Host)
	for _, alias := range s.Aliases {
		add(alias)
	}
	for _, m := range s.MethodHosts {
		add(m.Host)
	}
	return hosts
}

// declared are the services of this program's servers: *ServiceHosts by name.
var declared sync.Map

// Declare makes s known to the servers of this program: to [Lookup], [Mux] and
// [HostCheck]. The Register functions from protoc-gen-gohost call it. A server that
// registers the service in another way, such as with code of protoc-gen-go-grpc, may
// call it itself. A later declaration of the same service replaces an earlier one. s
// must not be nil, and must not be changed afterwards. Many goroutines may call Declare
// concurrently.
func Declare(s *ServiceHosts) { declared.Store(s.Name, s) }

// Lookup returns what was declared ([Declare]) for the service with that fully-qualified
// protobuf name, or nil. It must not be changed.
func Lookup(name string) *ServiceHosts {
	s, _ := declared.Load(name)
	service, _ := s.(*ServiceHosts)
	return service
}
