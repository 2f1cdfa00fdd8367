package stub

import (
	"os"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/routing"
)

// Service and Method are those of package gohost, here so that generated code
// needs one import.
type (
	Service = gohost.Service
	Method  = gohost.Method
)

// Stub is the part of a generated stub that is the same for every service: the
// connection and the options of its calls. It is immutable and may be copied
// and used by many goroutines at once. The calls of a zero Stub fail.
type Stub struct{ settings *settings }

// settings are worked out once, so that a call costs nothing for them.
type settings struct {
	cc          grpc.ClientConnInterface
	service     *Service
	constructor []grpc.CallOption // given to New
	call        []grpc.CallOption // given to With, in this order
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

// tuning are the options that are this package's own.
type tuning struct {
	onHeader []onHeader
	reuse    bool
}

// New returns the Stub of a service. Its calls go through cc and use opts. The
// environment variable GOHOST_HOSTS is read here. A host that opts name by
// [grpc.CallAuthority] replaces the one of the environment, and that the one
// that the service declares. The calls of a stub with an invalid host fail with
// InvalidArgument, before anything is sent; with Internal where it is the
// environment that is invalid, since no caller is to blame for that.
func New(cc grpc.ClientConnInterface, service *Service, opts ...grpc.CallOption) Stub {
	host, err := routing.FromEnvironment(os.Getenv(routing.Variable), service.Name)
	s := settings{cc: cc, service: service, constructor: slices.Clone(opts), environment: environment{host, err}}
	return s.stub()
}

// With returns a copy of s whose calls also use opts, which win over those
// that s has. [grpc.CallAuthority] with "" means the authority of the channel.
func (s Stub) With(opts ...grpc.CallOption) Stub {
	if s.settings == nil {
		return s
	}
	with := *s.settings
	with.call = slices.Concat(with.call, opts)
	return with.stub()
}

// stub works out what the calls need. It returns a Stub with a copy of s.
func (s settings) stub() Stub {
	s.tuning = tuning{}
	for _, opt := range slices.Concat(s.constructor, s.call) {
		switch opt := opt.(type) {
		case onHeader:
			s.onHeader = append(s.onHeader, opt)
		case reuse:
			s.reuse = true
		}
	}
	s.common = s.routeOf("")
	s.byMethod = nil
	for _, m := range s.service.Methods {
		if s.byMethod == nil {
			s.byMethod = make(map[string]*route, len(s.service.Methods))
		}
		s.byMethod[m.FullName] = s.routeOf(m.Host)
	}
	return Stub{&s}
}

// route is what the calls of a method need.
type route struct {
	host    string // "" where it is that of the channel
	options []grpc.CallOption
	targets bool  // grpc writes something for the options
	err     error // why no call can be made
}

// routeOf returns the route of the methods that declare the host method, or
// none where it is "".
func (s *settings) routeOf(method string) *route {
	if s.cc == nil {
		return &route{err: status.Errorf(codes.Internal, "gohost: the stub of %s has no connection", s.service.Name)}
	}
	host, from := routing.Sources{
		Call:        routing.Authority(s.call),
		Constructor: routing.Authority(s.constructor),
		Environment: s.environment.host,
		Method:      method,
		Service:     s.service.Host,
	}.Host()
	if from == routing.Environment && s.environment.err != nil {
		return &route{err: invalidEnvironment(s.service.Name, s.environment.err)}
	}
	if err := routing.CheckSent(host); err != nil {
		return &route{err: invalidHost(s.service.Name, err)}
	}
	opts := make([]grpc.CallOption, 0, len(s.constructor)+len(s.call)+2)
	opts = append(opts, grpc.StaticMethod())
	if host != "" && from >= routing.Environment {
		opts = append(opts, grpc.CallAuthority(host))
	}
	// grpc applies them in order, so that the last authority wins. There is no
	// room behind the last one: an interceptor that appends must not write into
	// a slice that other calls use.
	opts = slices.Clip(append(append(opts, s.constructor...), s.call...))
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
