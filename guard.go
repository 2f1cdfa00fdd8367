package gohost

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/routing"
)

// UnaryGuard is a client interceptor that fails a call with InvalidArgument,
// before anything is sent, if one of its options names an invalid host or if its
// metadata has a host or :authority. With it and [StreamGuard] a connection is
// protected from all its callers, not only from those that use the stubs of this
// module:
//
//	grpc.NewClient(target, grpc.WithChainUnaryInterceptor(…, gohost.UnaryGuard),
//		grpc.WithChainStreamInterceptor(…, gohost.StreamGuard), …)
//
// Let it be the last interceptor of its chain: then it sees what the others have added,
// and the connection's own [grpc.WithDefaultCallOptions]. It cannot see
// [grpc.WithAuthority], or an authority from a resolver or from the credentials.
func UnaryGuard(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if err := guard(ctx, opts); err != nil {
		return err
	}
	return invoker(ctx, method, req, reply, cc, opts...)
}

// StreamGuard is [UnaryGuard] for streams.
func StreamGuard(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	if err := guard(ctx, opts); err != nil {
		return nil, err
	}
	return streamer(ctx, desc, cc, method, opts...)
}

func guard(ctx context.Context, opts []grpc.CallOption) error {
	if authority := routing.Authority(opts); authority != nil {
		if err := checkSent(*authority); err != nil {
			return err
		}
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	for _, key := range []string{"host", ":authority"} {
		if len(md[key]) > 0 {
			return status.Errorf(codes.InvalidArgument, "gohost: the metadata has the key %q: use gohost.Host to name the host of a call", key)
		}
	}
	return nil
}
