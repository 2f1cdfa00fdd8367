package gateway_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// serving serves impl, and returns its address and a function that ends it.
func serving(impl squares.SquareService) (addr string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := grpc.NewServer()
	squares.RegisterSquareService(server, impl)
	go server.Serve(listener) //nolint:errcheck // it returns when it is stopped
	return listener.Addr().String(), server.Stop, nil
}

// greedy returns the name of its caller in its header.
var greedy service = func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
	md, _ := metadata.FromIncomingContext(ctx)
	if err := grpc.SetHeader(ctx, metadata.MD{"caller": md["x-user"], "cookies": md["cookie"]}); err != nil {
		return err
	}
	return squarer(ctx, reqs, send)
}

// A gateway whose implementation is a stub. It forwards one key of the client's
// metadata, and passes the header back.
func ExampleConn() {
	connect := func(addr string) *grpc.ClientConn {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			panic(err)
		}
		return conn
	}
	addr, stop, err := serving(greedy)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	upstream := connect(addr)
	defer upstream.Close() //nolint:errcheck // all calls have ended

	front, stop, err := serving(squares.NewSquareServiceStub(gateway.Conn(upstream, gateway.Forward("x-user"))))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	conn := connect(front)
	defer conn.Close() //nolint:errcheck // all calls have ended

	var header metadata.MD
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-user", "ada", "cookie", "secret")
	res, err := squares.NewSquareServiceStub(conn).With(grpc.Header(&header)).Square(ctx, &squares.Message{Message: 12})
	fmt.Println(res.GetMessage(), err, header["caller"], header["cookies"])
	// Output: 144 <nil> [ada] []
}
