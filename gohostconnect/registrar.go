package gohostconnect

import (
	"context"
	"fmt"
	"reflect"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc"
)

// Registrar registers services with a [connect.Server], and is a
// [grpc.ServiceRegistrar] for any generated code of gRPC. With GetServiceInfo it
// is what package reflection wants of a server, too. It is made by [NewRegistrar].
type Registrar struct {
	server *connect.Server
	unary  grpc.UnaryServerInterceptor // nil where there is none
	stream grpc.StreamServerInterceptor
	info   map[string]grpc.ServiceInfo
	kinds  map[string]connect.StreamType // of the procedures
}

// An Option is an option of [NewRegistrar].
type Option func(*Registrar)

// UnaryInterceptors returns an option by which unary calls go through the
// interceptors, the first of them being the outermost. Those of several options follow
// each other.
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

// NewRegistrar returns a registrar for server, which may have methods of connect's
// generated code beside those that are registered with it, and interceptors of connect
// around all of them.
func NewRegistrar(server *connect.Server, opts ...Option) *Registrar {
	r := &Registrar{server: server, info: make(map[string]grpc.ServiceInfo), kinds: make(map[string]connect.StreamType)}
	for _, o := range opts {
		o(r)
	}
	return r
}

// RegisterService registers impl. Register before [NewHandler] is called: what
// comes later would not be served. It panics where impl does not implement the service,
// or where the service has been registered before.
func (r *Registrar) RegisterService(desc *grpc.ServiceDesc, impl any) {
	if impl != nil && desc.HandlerType != nil {
		if want := reflect.TypeOf(desc.HandlerType).Elem(); !reflect.TypeOf(impl).Implements(want) {
			panic(fmt.Errorf("gohostconnect: %T is registered for service %s, and does not implement %v", impl, desc.ServiceName, want)) //nolint:forbidigo // as grpc.Server, which ends the process
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

// GetServiceInfo returns the services that have been registered with r.
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

// serving returns what serves calls by handler.
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
