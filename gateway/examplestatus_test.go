package gateway_test

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// through serves impl behind a gateway with the options, and calls f with a stub of the
// gateway.
func through(impl squares.SquareService, f func(squares.SquareServiceStub), opts ...gateway.Option) error {
	upstream, stop, err := serving(impl)
	if err != nil {
		return err
	}
	defer stop()
	conn, err := grpc.NewClient(upstream, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing to lose
	front, stop, err := serving(squares.NewSquareServiceStub(gateway.Conn(conn, opts...)))
	if err != nil {
		return err
	}
	defer stop()
	client, err := grpc.NewClient(front, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer client.Close() //nolint:errcheck // nothing to lose
	f(squares.NewSquareServiceStub(client))
	return nil
}

// The gateway logs what has failed, and its clients get less.
func ExampleErrors() {
	var upstream service = func(context.Context, msgs, func(*msg) bool) error {
		return status.Error(codes.Internal, "the disk of db-7 is full")
	}
	err := through(upstream, func(stub squares.SquareServiceStub) {
		_, err := stub.Square(context.Background(), &squares.Message{Message: 12})
		fmt.Println("client:", status.Convert(err).Message())
	}, gateway.Errors(func(_ context.Context, method string, err error) error {
		fmt.Println("gateway:", method, status.Convert(err).Message())
		if status.Code(err) == codes.Internal {
			return status.Error(codes.Internal, "try later")
		}
		return err
	}))
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// gateway: /squarerpc_service.SquareService/square the disk of db-7 is full
	// client: try later
}

// The metadata of a call names the tenant, and the gateway's call names the tenant's host.
func ExampleHostBy() {
	var upstream service = func(ctx context.Context, _ msgs, _ func(*msg) bool) error {
		fmt.Println("upstream:", gohost.HostFromContext(ctx))
		return nil
	}
	err := through(upstream, func(stub squares.SquareServiceStub) {
		ctx := metadata.AppendToOutgoingContext(context.Background(), "x-tenant", "acme")
		_, err := stub.Square(ctx, &squares.Message{Message: 12})
		fmt.Println("client:", err)
		_, err = stub.Square(context.Background(), &squares.Message{Message: 12})
		fmt.Println("client:", status.Convert(err).Message())
	}, gateway.HostBy(gateway.TenantOfMetadata("x-tenant", "*.square.internal")))
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// upstream: acme.square.internal
	// client: <nil>
	// client: gateway: the metadata "x-tenant" does not name a tenant
}
