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
// before anything is sent, where an option of it names an invalid host or where
// its metadata has a host or :authority. A connection with it and [StreamGuard]
// protects itself against all its callers, and not only against those that use
// the stubs of this module:
//
//	grpc.NewClient(target, grpc.WithChainUnaryInterceptor(…, gohost.UnaryGuard),
//		grpc.WithChainStreamInterceptor(…, gohost.StreamGuard), …)
//
// Being the last of its chain it sees what the others have added, and the
// connection's own [grpc.WithDefaultCallOptions]. What it cannot see is
// [grpc.WithAuthority], and an authority that a resolver or the credentials
// bring along.
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
			return status.Errorf(codes.InvalidArgument, "gohost: the metadata has the key %q: a call names its host by gohost.Host", key)
		}
	}
	return nil
}
