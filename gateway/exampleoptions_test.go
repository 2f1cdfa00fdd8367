package gateway_test

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// A gateway in front of many tenants that passes messages on undecoded. A call of
// acme.api.example goes to acme.square.internal. Clients learn only what they need of errors.
func ExampleRaw() {
	hosts := make(chan string, 2)
	var upstream service = func(ctx context.Context, _ msgs, _ func(*msg) bool) error {
		hosts <- gohost.HostFromContext(ctx)
		return status.Error(codes.Internal, "the disk of db-7 is full")
	}
	addr, stop, err := serving(upstream)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close() //nolint:errcheck // all calls have ended

	passing := gateway.Conn(conn,
		gateway.Raw(), // best with a server that has grpc.ForceServerCodecV2(gateway.Codec(nil))
		gateway.HostBy(gateway.TenantOfHost("*.api.example", "*.square.internal")),
		gateway.Errors(func(_ context.Context, _ string, err error) error {
			if status.Code(err) == codes.Internal {
				return status.Error(codes.Internal, "try later")
			}
			return err
		}))
	front, stop, err := serving(squares.NewSquareServiceStub(passing))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	client, err := grpc.NewClient(front, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close() //nolint:errcheck // all calls have ended

	tenant := squares.NewSquareServiceStub(client).With(gohost.Host("acme.api.example"))
	_, err = tenant.Square(context.Background(), &squares.Message{Message: 12})
	fmt.Println(<-hosts, status.Convert(err).Code())
	// Output: acme.square.internal Internal
}
