package gohostconnect

import (
	"context"
	"fmt"
	"reflect"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc"
)

// Registrar registers services with a [connect.Server]. It is a [grpc.ServiceRegistrar]
// for any generated code of gRPC, and has the method GetServiceInfo that package
// reflection needs. [NewRegistrar] makes it.
type Registrar struct {
	server *connect.Server
	unary  grpc.UnaryServerInterceptor // nil if there is none
	stream grpc.StreamServerInterceptor
	info   map[string]grpc.ServiceInfo
	kinds  map[string]connect.StreamType // of the procedures
}

// An Option is an option of [NewRegistrar].
type Option func(*Registrar)

// UnaryInterceptors returns an option that adds interceptors for unary calls, the first
// of them outermost. Those of several options follow each other.
func UnaryInterceptors(interceptors ...grpc.UnaryServerInterceptor) Option {
	return func(r *Registrar) {
		for _, i := range interceptors {
			r.unary = chainUnary(r.unary, i)
		}
	}
}

// StreamInterceptors is [UnaryInterceptors] for streams.
func StreamInterceptors(interceptors ...grpc.StreamServerInterceptor) Option {
	return func(r *Registrar) {
		for _, i := range interceptors {
			r.stream = chainStream(r.stream, i)
		}
	}
}

// NewRegistrar returns a registrar for server. server may also have methods of connect's
// generated code, and interceptors of connect, which are around all methods.
func NewRegistrar(server *connect.Server, opts ...Option) *Registrar {
	r := &Registrar{server: server, info: make(map[string]grpc.ServiceInfo), kinds: make(map[string]connect.StreamType)}
	for _, o := range opts {
		o(r)
	}
	return r
}

// RegisterService registers impl. Call it before [NewHandler]: a later service would not
// be served. It panics if impl does not implement the service, or if the service is
// already registered.
func (r *Registrar) RegisterService(desc *grpc.ServiceDesc, impl any) {
	if impl != nil && desc.HandlerType != nil {
		if want := reflect.TypeOf(desc.HandlerType).Elem(); !reflect.TypeOf(impl).Implements(want) {
			panic(fmt.Errorf("gohostconnect: %T is registered for service %s, and does not implement %v", impl, desc.ServiceName, want)) //nolint:forbidigo // like grpc.Server, which ends the process
		}
	}
	info := grpc.ServiceInfo{Metadata: desc.Metadata}
	for _, m := range desc.Methods {
		spec := specOf("/"+desc.ServiceName+"/"+m.MethodName, connect.StreamTypeUnary)
		r.register(spec, r.handleUnary(m.Handler, impl))
		info.Methods = append(info.Methods, grpc.MethodInfo{Name: m.MethodName})
	}
	for _, s := range desc.Streams {
		spec := specOf("/"+desc.ServiceName+"/"+s.StreamName, streamTypeOf(&s))
		r.register(spec, r.handleStream(&s, impl))
		info.Methods = append(info.Methods, grpc.MethodInfo{Name: s.StreamName, IsClientStream: s.ClientStreams, IsServerStream: s.ServerStreams})
	}
	r.info[desc.ServiceName] = info
}

// GetServiceInfo returns the services that are registered with r.
func (r *Registrar) GetServiceInfo() map[string]grpc.ServiceInfo { return r.info }

func (r *Registrar) register(spec connect.Spec, handler connect.ServerFunc) {
	r.server.Register(connect.Method{Spec: spec, Handler: handler})
	r.kinds[spec.Procedure] = spec.StreamType
}

func (r *Registrar) handleUnary(handler grpc.MethodHandler, impl any) connect.ServerFunc {
	return serving(func(c *serverCall) error {
		res, err := handler(impl, c.ctx, c.RecvMsg, r.unary)
		if err != nil {
			return err
		}
		return c.SendMsg(res)
	})
}

func (r *Registrar) handleStream(desc *grpc.StreamDesc, impl any) connect.ServerFunc {
	return serving(func(c *serverCall) error {
		if r.stream == nil {
			return desc.Handler(impl, c)
		}
		info := &grpc.StreamServerInfo{FullMethod: c.spec.Procedure, IsClientStream: desc.ClientStreams, IsServerStream: desc.ServerStreams}
		return r.stream(impl, c, info, desc.Handler)
	})
}

// serving returns a function that serves calls with handler.
func serving(handler func(*serverCall) error) connect.ServerFunc {
	return func(ctx context.Context, spec connect.Spec, stream connect.ServerStream) error {
		c, err := newServerCall(ctx, spec, stream)
		if err != nil {
			return connectErrorOf(err)
		}
		defer c.end()
		return c.outcome(handler(c))
	}
}

func streamTypeOf(desc *grpc.StreamDesc) connect.StreamType {
	kind := connect.StreamTypeUnary
	if desc.ClientStreams {
		kind |= connect.StreamTypeClient
	}
	if desc.ServerStreams {
		kind |= connect.StreamTypeServer
	}
	return kind
}

func chainUnary(outer, inner grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	if outer == nil {
		return inner
	}
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		return outer(ctx, req, info, func(ctx context.Context, req any) (any, error) {
			return inner(ctx, req, info, handler)
		})
	}
}

func chainStream(outer, inner grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	if outer == nil {
		return inner
	}
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		return outer(srv, ss, info, func(srv any, ss grpc.ServerStream) error {
			return inner(srv, ss, info, handler)
		})
	}
}
