package stub

import (
	"os"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/option"
	"github.com/gohostrpc/gohost/internal/routing"
)

// ServiceHosts and MethodHost are those of package gohost. They are here so that
// generated code needs only one import.
type (
	ServiceHosts = gohost.ServiceHosts
	MethodHost   = gohost.MethodHost
)

// Stub is the part of a generated stub that is the same for every service: the
// connection and the options of its calls. It is immutable and may be copied
// and used by many goroutines concurrently. The calls of a zero Stub fail.
type Stub struct{ settings *settings }

// settings are computed once, so they cost a call nothing.
type settings struct {
	cc          grpc.ClientConnInterface
	hosts       *ServiceHosts
	opts        []grpc.CallOption // given to With, in this order
	environment environment

	common   *route            // of most methods
	byMethod map[string]*route // of those with a host of their own
	tuning
}

// environment is what the environment said when the stub was made.
type environment struct {
	host string
	err  error
}

// tuning holds this module's own options.
type tuning struct {
	onHeader []option.OnHeader
	reuse    bool
}

// New returns the Stub of a service with these hosts. Its calls go through cc. New reads
// the environment variable GOHOST_HOSTS. It overrides the host that the service
// declares, and a host in With overrides both. The calls of a stub with an invalid host
// fail with InvalidArgument, and nothing is sent. If the environment is invalid, they
// fail with Internal, since no caller is to blame for that.
func New(cc grpc.ClientConnInterface, hosts *ServiceHosts) Stub {
	host, err := routing.FromEnvironment(os.Getenv(routing.Variable), hosts.Name)
	s := settings{cc: cc, hosts: hosts, environment: environment{host, err}}
	return s.stub()
}

// With returns a copy of s whose calls also use opts, which win over the options of s. A
// [gohost.Host] of "" means the authority of the connection.
func (s Stub) With(opts ...grpc.CallOption) Stub {
	if s.settings == nil {
		return s
	}
	with := *s.settings
	with.opts = slices.Concat(with.opts, opts)
	return with.stub()
}

// stub computes what the calls need. It returns a Stub with a copy of s.
func (s settings) stub() Stub {
	s.tuning = tuning{}
	for _, opt := range s.opts {
		switch opt := opt.(type) {
		case option.OnHeader:
			s.onHeader = append(s.onHeader, opt)
		case option.ReuseMessages:
			s.reuse = true
		}
	}
	s.common = s.routeOf("")
	s.byMethod = nil
	for _, m := range s.hosts.MethodHosts {
		if s.byMethod == nil {
			s.byMethod = make(map[string]*route, len(s.hosts.MethodHosts))
		}
		s.byMethod[m.FullName] = s.routeOf(m.Host)
	}
	return Stub{&s}
}

// route is what the calls of a method need.
type route struct {
	host    string // "" if it is that of the channel
	options []grpc.CallOption
	targets bool  // grpc writes something for the options
	err     error // why no call can be made
}

// routeOf returns the route of the methods that declare the host method, or of those
// without a host if method is "".
func (s *settings) routeOf(method string) *route {
	if s.cc == nil {
		return &route{err: status.Errorf(codes.Internal, "gohost: the stub of %s has no connection", s.hosts.Name)}
	}
	host, from := routing.Sources{
		Call:        routing.Authority(s.opts),
		Environment: s.environment.host,
		Method:      method,
		Service:     s.hosts.Host,
	}.Host()
	if from == routing.Environment && s.environment.err != nil {
		return &route{err: invalidEnvironment(s.hosts.Name, s.environment.err)}
	}
	if err := routing.CheckSent(host); err != nil {
		return &route{err: invalidHost(s.hosts.Name, err)}
	}
	opts := make([]grpc.CallOption, 0, len(s.opts)+2)
	opts = append(opts, grpc.StaticMethod())
	if host != "" && from >= routing.Environment {
		opts = append(opts, grpc.CallAuthority(host))
	}
	// grpc applies them in order, so the last authority wins. The slice has no spare
	// capacity: an interceptor that appends must not write into a slice that other
	// calls use.
	opts = slices.Clip(append(opts, s.opts...))
	return &route{host: host, options: opts, targets: hasTargets(opts)}
}

// prepare returns what a call of the method needs, or why it cannot be made.
func (s Stub) prepare(method string) (*settings, *route, error) {
	if s.settings == nil {
		return nil, nil, misuse(method, "the stub is a zero value: make it with its New function")
	}
	r, ok := s.settings.byMethod[method]
	if !ok {
		r = s.settings.common
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	return s.settings, r, nil
}
