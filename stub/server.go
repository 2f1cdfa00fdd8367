package stub

import (
	"context"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/implementation"
	"github.com/gohostrpc/gohost/internal/option"
	"github.com/gohostrpc/gohost/internal/private"
)

// Register registers impl with r, as the service that desc describes, and declares the
// service's hosts to servers. It panics if the first call of impl would panic: if impl
// is nil, or embeds a nil pointer to Unimplemented….
func Register(r grpc.ServiceRegistrar, desc *grpc.ServiceDesc, hosts *ServiceHosts, impl any) {
	if !collects(r) {
		implementation.Must(desc, impl)
	}
	gohost.Declare(hosts)
	r.RegisterService(passing(desc, impl), impl)
}

// collects reports whether r keeps errors of registrations for the error of Mux.Mount.
func collects(r grpc.ServiceRegistrar) bool {
	switch r := r.(type) {
	case *gohost.Mux, *gohost.VirtualHost:
		return true
	case option.ReusingRegistrar:
		return collects(r.ServiceRegistrar)
	}
	return false
}

// HandleUnary is the handler of a unary method of srv: it receives the request,
// calls the method through the interceptor, if there is one, and returns the
// response.
func HandleUnary[Req, Res any](srv any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor, fullMethod string, method func(context.Context, Req) (Res, error)) (any, error) {
	req := newMessage[Req]()
	if err := dec(req); err != nil {
		return nil, err
	}
	if interceptor == nil {
		return callUnary(ctx, fullMethod, req, method)
	}
	info := &grpc.UnaryServerInfo{Server: srv, FullMethod: fullMethod}
	return interceptor(ctx, req, info, func(ctx context.Context, req any) (any, error) {
		return callUnary(ctx, fullMethod, req.(Req), method)
	})
}

func callUnary[Req, Res any](ctx context.Context, fullMethod string, req Req, method func(context.Context, Req) (Res, error)) (any, error) {
	res, err := method(ctx, req)
	if err := check(fullMethod, res, err); err != nil {
		return nil, endOfHandler(ctx, err)
	}
	return res, nil
}

// HandleServerStreaming is the handler of a server-streaming method. It ranges
// the method's sequence on this goroutine.
func HandleServerStreaming[Req, Res any](ss grpc.ServerStream, fullMethod string, method func(context.Context, Req) iter.Seq2[Res, error]) error {
	req := newMessage[Req]()
	if err := ss.RecvMsg(req); err != nil {
		return err
	}
	return respond(ss, fullMethod, method(ss.Context(), req))
}

// HandleClientStreaming is the handler of a client-streaming method. newReq makes
// a message to receive into.
func HandleClientStreaming[Req, Res any](ss grpc.ServerStream, fullMethod string, newReq func() Req, method func(context.Context, iter.Seq2[Req, error]) (Res, error)) error {
	reqs := newRequests(ss, fullMethod, newReq)
	defer reqs.close()
	res, err := method(ss.Context(), reqs.all)
	if err := check(fullMethod, res, err); err != nil {
		return endOfHandler(ss.Context(), err)
	}
	return ss.SendMsg(res)
}

// HandleBidiStreaming is the handler of a bidirectional method. It ranges the
// method's sequence on this goroutine. newReq makes a message to receive into.
func HandleBidiStreaming[Req, Res any](ss grpc.ServerStream, fullMethod string, newReq func() Req, method func(context.Context, iter.Seq2[Req, error]) iter.Seq2[Res, error]) error {
	reqs := newRequests(ss, fullMethod, newReq)
	defer reqs.close()
	return respond(ss, fullMethod, method(ss.Context(), reqs.all))
}

// respond sends the messages of seq, and returns the status of the RPC. A sequence that
// ends without an error after its context has ended may have ended for that reason. At a
// deadline its OK could arrive before the client's own timer runs out, and a part of a
// stream would look like all of it.
func respond[Res any](ss grpc.ServerStream, fullMethod string, seq iter.Seq2[Res, error]) error {
	err := produce(fullMethod, seq, func(res Res) error { return ss.SendMsg(res) })
	if err == nil && ss.Context().Err() != nil {
		err = status.FromContextError(ss.Context().Err()).Err()
	}
	return endOfHandler(ss.Context(), err)
}

// endOfHandler returns the status of a handler that has ended with err. If it has ended
// because its context has, it gets the status of the context's cause, if there is one.
// So an interceptor that ends streams when a server shuts down can say Unavailable,
// whereas clients would mistake Canceled for their own.
func endOfHandler(ctx context.Context, err error) error {
	if ended := ctx.Err(); err != nil && ended != nil && codeOf(err) == codeOf(ended) {
		cause := context.Cause(ctx)
		if s, ok := status.FromError(cause); ok && s.Code() != codes.OK {
			err = cause
		}
	}
	return private.Public(err)
}

// check returns the error of a method that returned res and err.
func check[Res any](fullMethod string, res Res, err error) error {
	var none Res
	switch {
	case err != nil:
		return checkYielded(fullMethod, err)
	case any(res) == any(none):
		return misuse(fullMethod, "the method returned neither a message nor an error")
	}
	return nil
}

// Unimplemented returns the error of a method that is not implemented.
func Unimplemented(fullMethod string) error {
	return status.Errorf(codes.Unimplemented, "method %s is not implemented", fullMethod)
}

// UnimplementedSeq returns a sequence that yields only the error of [Unimplemented].
func UnimplementedSeq[Res any](fullMethod string) iter.Seq2[Res, error] {
	return func(yield func(Res, error) bool) {
		var none Res
		yield(none, Unimplemented(fullMethod))
	}
}
