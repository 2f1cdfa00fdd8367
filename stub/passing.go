package stub

import (
	"context"
	"iter"
	"reflect"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/frame"
	"github.com/gohostrpc/gohost/internal/option"
)

// passing returns a description of the service whose handlers pass on undecoded messages,
// if impl is a stub on a connection for that (package gateway). Otherwise it returns
// desc. The promises of streams are the same: the handlers are those of any
// implementation, with frames for messages. Each direction of a call has one frame, whose
// memory is given back when the next message comes.
func passing(desc *grpc.ServiceDesc, impl any) *grpc.ServiceDesc {
	s, ok := stubOf(desc, impl)
	if !ok || !s.passesFrames() {
		return desc
	}
	p := passer{s.With(grpc.ForceCodecV2(frame.Codec{}), option.ReuseMessages{})}
	passing := *desc
	passing.Methods = make([]grpc.MethodDesc, len(desc.Methods))
	for i, m := range desc.Methods {
		passing.Methods[i] = grpc.MethodDesc{MethodName: m.MethodName, Handler: p.unary(m.Handler, fullName(desc, m.MethodName))}
	}
	passing.Streams = make([]grpc.StreamDesc, len(desc.Streams))
	for i, d := range desc.Streams {
		d.Handler = p.stream(&desc.Streams[i], fullName(desc, d.StreamName))
		passing.Streams[i] = d
	}
	return &passing
}

func fullName(desc *grpc.ServiceDesc, method string) string {
	return "/" + desc.ServiceName + "/" + method
}

// stubOf returns the Stub inside impl, if impl is the generated stub of the
// service and not a wrapper, which may want to see the messages.
func stubOf(desc *grpc.ServiceDesc, impl any) (Stub, bool) {
	v := reflect.ValueOf(impl)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	service := reflect.TypeOf(desc.HandlerType)
	if !v.IsValid() || service == nil {
		return Stub{}, false
	}
	t := v.Type()
	service = service.Elem()
	if t.Kind() != reflect.Struct || t.PkgPath() != service.PkgPath() || t.Name() != service.Name()+"Stub" ||
		t.NumField() != 1 || t.Field(0).Type != reflect.TypeFor[Stub]() {
		return Stub{}, false
	}
	// The stub's only field is not exported.
	stub := reflect.New(t)
	stub.Elem().Set(v)
	return *(*Stub)(stub.UnsafePointer()), true
}

// passesFrames reports whether the calls of s may use frames: not if its
// options set a codec.
func (s Stub) passesFrames() bool {
	if s.settings == nil {
		return false
	}
	for _, opt := range s.settings.opts {
		switch opt.(type) {
		case grpc.ContentSubtypeCallOption, grpc.ForceCodecCallOption, grpc.ForceCodecV2CallOption, grpc.CustomCodecCallOption:
			return false
		}
	}
	conn, ok := s.settings.cc.(frame.Conn)
	return ok && conn.PassesFrames()
}

// passer has handlers that pass their calls on to a stub.
type passer struct{ Stub }

func (p passer) unary(decoding grpc.MethodHandler, method string) grpc.MethodHandler {
	return func(srv any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		if !frame.Fits(ctx) {
			return decoding(srv, ctx, dec, interceptor)
		}
		return HandleUnary(srv, ctx, dec, interceptor, method, func(ctx context.Context, req *frame.Frame) (*frame.Frame, error) {
			return Unary(ctx, p.Stub, method, req, new(frame.Frame))
		})
	}
}

func (p passer) stream(desc *grpc.StreamDesc, method string) grpc.StreamHandler {
	type frames = iter.Seq2[*frame.Frame, error]
	var handle func(ss grpc.ServerStream) error
	switch {
	case !desc.ClientStreams:
		handle = func(ss grpc.ServerStream) error {
			return HandleServerStreaming(ss, method, func(ctx context.Context, req *frame.Frame) frames {
				return ServerStreaming(ctx, p.Stub, desc, method, req, Make[frame.Frame])
			})
		}
	case !desc.ServerStreams:
		handle = func(ss grpc.ServerStream) error {
			return HandleClientStreaming(ss, method, Make[frame.Frame], func(ctx context.Context, reqs frames) (*frame.Frame, error) {
				return ClientStreaming(ctx, p.Stub, desc, method, reqs, new(frame.Frame))
			})
		}
	default:
		handle = func(ss grpc.ServerStream) error {
			return HandleBidiStreaming(ss, method, Make[frame.Frame], func(ctx context.Context, reqs frames) frames {
				return BidiStreaming(ctx, p.Stub, desc, method, reqs, Make[frame.Frame])
			})
		}
	}
	return func(srv any, ss grpc.ServerStream) error {
		if !frame.Fits(ss.Context()) {
			return desc.Handler(srv, ss)
		}
		return handle(option.ReusingStream{ServerStream: ss})
	}
}
