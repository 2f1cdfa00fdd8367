package gohost

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"google.golang.org/grpc"
)

// anyHost is the pattern of the default. It is not a valid host.
const anyHost = "*"

// muxService is a service of a Mux. grpc treats it as the implementation.
type muxService struct {
	desc   *grpc.ServiceDesc    // of the first registration
	byHost map[string]*handlers // and by "*.name" and anyHost
}

// handlers holds an implementation and the functions that call it.
type handlers struct {
	impl    any
	unary   map[string]grpc.MethodHandler
	streams map[string]grpc.StreamHandler
}

// newHandlers returns the handlers of impl, as desc describes it. The methods
// must be those of first.
func newHandlers(first, desc *grpc.ServiceDesc, impl any) (*handlers, error) {
	if !maps.Equal(kindsOf(first), kindsOf(desc)) {
		return nil, fmt.Errorf("service %s: %T has other methods than an earlier implementation", desc.ServiceName, impl)
	}
	h := &handlers{impl: impl, unary: make(map[string]grpc.MethodHandler), streams: make(map[string]grpc.StreamHandler)}
	for _, d := range desc.Methods {
		h.unary[d.MethodName] = d.Handler
	}
	for _, d := range desc.Streams {
		h.streams[d.StreamName] = d.Handler
	}
	return h, nil
}

// kindsOf returns what desc says about each method.
func kindsOf(desc *grpc.ServiceDesc) map[string]grpc.MethodInfo {
	kinds := make(map[string]grpc.MethodInfo)
	for _, m := range infoOf(desc).Methods {
		kinds[m.Name] = m
	}
	return kinds
}

func infoOf(desc *grpc.ServiceDesc) grpc.ServiceInfo {
	var methods []grpc.MethodInfo
	for _, d := range desc.Methods {
		methods = append(methods, grpc.MethodInfo{Name: d.MethodName})
	}
	for _, d := range desc.Streams {
		methods = append(methods, grpc.MethodInfo{Name: d.StreamName, IsClientStream: d.ClientStreams, IsServerStream: d.ServerStreams})
	}
	return grpc.ServiceInfo{Methods: methods, Metadata: desc.Metadata}
}

// choose returns the handlers for host, which may be "". It returns nil if there are none.
func (s *muxService) choose(host string) *handlers {
	if host == "" {
		return s.byHost[anyHost]
	}
	if m := s.byHost[host]; m != nil {
		return m
	}
	for rest := host; ; {
		var below bool
		if _, rest, below = strings.Cut(rest, "."); !below {
			return s.byHost[anyHost]
		}
		if m := s.byHost["*."+rest]; m != nil {
			return m
		}
	}
}

// chooseFor returns the handlers for the call of ctx, or the error of the call.
func (s *muxService) chooseFor(ctx context.Context) (*handlers, error) {
	if m := s.choose(HostFromContext(ctx)); m != nil {
		return m, nil
	}
	return nil, notServed(s.desc.ServiceName, authorityOf(ctx))
}

// dispatching returns a description of s whose handlers choose by host.
func (s *muxService) dispatching() *grpc.ServiceDesc {
	desc := *s.desc
	desc.HandlerType = (*any)(nil)
	desc.Methods = nil
	for _, d := range s.desc.Methods {
		desc.Methods = append(desc.Methods, grpc.MethodDesc{MethodName: d.MethodName, Handler: s.unary(d.MethodName)})
	}
	desc.Streams = nil
	for _, d := range s.desc.Streams {
		d.Handler = s.stream(d.StreamName)
		desc.Streams = append(desc.Streams, d)
	}
	return &desc
}

func (s *muxService) unary(name string) grpc.MethodHandler {
	return func(_ any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		m, err := s.chooseFor(ctx)
		if err != nil {
			return nil, err
		}
		return m.unary[name](m.impl, ctx, dec, interceptor)
	}
}

func (s *muxService) stream(name string) grpc.StreamHandler {
	return func(srv any, ss grpc.ServerStream) error {
		m, chosen := ss.Context().Value(chosenKey{}).(*handlers)
		if chosen {
			return m.streams[name](srv, ss)
		}
		m, err := s.chooseFor(ss.Context())
		if err != nil {
			return err
		}
		return m.streams[name](m.impl, ss)
	}
}

// chosenKey is the key of the handlers in the context of a stream.
type chosenKey struct{}

// chosenStream is a stream for which an implementation has been chosen.
type chosenStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s chosenStream) Context() context.Context { return s.ctx }

// chooseFirst calls handler with the implementation that is chosen for ss.
func chooseFirst(srv any, ss grpc.ServerStream, handler grpc.StreamHandler) error {
	s, ok := srv.(*muxService)
	if !ok {
		return handler(srv, ss)
	}
	m, err := s.chooseFor(ss.Context())
	if err != nil {
		return err
	}
	return handler(m.impl, chosenStream{ss, context.WithValue(ss.Context(), chosenKey{}, m)})
}
