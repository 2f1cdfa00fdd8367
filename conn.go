package gohost

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/private"
	"github.com/gohostrpc/gohost/internal/routing"
)

// Conn returns a view of cc whose authority is host, and whose calls also use
// opts. It is for stubs without a host of their own, such as those of
// protoc-gen-go-grpc, the health check and reflection:
//
//	health := healthpb.NewHealthClient(gohost.Conn(conn, "square.example"))
//
// A call's own [Host] wins over one in opts, and that wins over host. A Host of ""
// means host. If host is "", the view has the authority of cc. Calls that name an
// invalid host fail with InvalidArgument, and nothing is sent. This applies to host
// itself too: it is usually a constant inside an expression, where returning an error
// would be inconvenient. The text of the error names the host. The status that a
// gateway would pass on does not. If cc is nil, all calls fail with Internal.
//
// The owner of cc still has to close it. The view needs no closing, and many
// goroutines may use it concurrently.
func Conn(cc grpc.ClientConnInterface, host string, opts ...grpc.CallOption) grpc.ClientConnInterface {
	return conn{cc, host, slices.Clone(opts)}
}

type conn struct {
	cc   grpc.ClientConnInterface
	host string
	opts []grpc.CallOption
}

func (c conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	opts, err := c.options(opts)
	if err != nil {
		return err
	}
	return c.cc.Invoke(ctx, method, args, reply, opts...)
}

func (c conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	opts, err := c.options(opts)
	if err != nil {
		return nil, err
	}
	return c.cc.NewStream(ctx, desc, method, opts...)
}

// Viewed returns the connection that c is a view of, and the host that its calls
// name. Package gateway tells its clients about neither.
func (c conn) Viewed() (cc grpc.ClientConnInterface, host string) {
	if authority := routing.Authority(c.opts); authority != nil && *authority != "" {
		return c.cc, *authority
	}
	return c.cc, c.host
}

// options returns the options of a call with opts: the options of c, opts, and the
// host, unless they name one.
func (c conn) options(opts []grpc.CallOption) ([]grpc.CallOption, error) {
	if c.cc == nil {
		return nil, status.Error(codes.Internal, "gohost: Conn was given a nil connection")
	}
	all := make([]grpc.CallOption, 0, len(c.opts)+len(opts)+1)
	all = append(append(all, c.opts...), opts...)
	authority := routing.Authority(all)
	if authority != nil && *authority != "" {
		return all, checkSent(*authority)
	}
	if c.host == "" {
		return all, nil
	}
	return append(all, grpc.CallAuthority(c.host)), checkSent(c.host)
}

// errInvalidHost is what the status of a call with an invalid host says. A
// gateway may pass it on, so it does not say which host.
var errInvalidHost = status.Error(codes.InvalidArgument, "gohost: the host of the call is invalid")

// checkSent returns an error if host may not be sent. The error's text contains the
// host, and its status does not.
func checkSent(host string) error {
	if err := routing.CheckSent(host); err != nil {
		local := status.Errorf(codes.InvalidArgument, "gohost: %v", err)
		return &private.Error{Public: errInvalidHost, Local: local.Error()}
	}
	return nil
}
