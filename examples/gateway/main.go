// Command gateway shows host routing: three services on three backends behind one
// reverse proxy that routes by host. One connection reaches them all. A fourth server is
// a gateway: it implements a service by calling it.
//
//	go run ./examples/gateway                         everything in one process
//	go run ./examples/gateway -proxy nginx            with an installed proxy
//	go run ./examples/gateway serve -proxy traefik    only serve, until Ctrl+C
//	go run ./examples/gateway call                    only call
package main

import (
	"context"
	"flag"
	"fmt"
	"iter"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/examples/gateway/gatewaypb"
	"github.com/gohostrpc/gohost/examples/internal/program"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// greeterHost is the host of a service that declares no host.
const greeterHost = "greeter.example"

// newProgram returns the program with its own flags, so that tests may run several
// programs concurrently.
func newProgram() program.Program {
	var proxy string
	return program.Program{
		Name: "gateway",
		Addr: "127.0.0.1:50050",
		Flags: func(flags *flag.FlagSet) {
			flags.StringVar(&proxy, "proxy", "", "the `proxy` to start: traefik, nginx, haproxy or caddy; without it, one runs within this process")
		},
		Start: func(setup program.Setup) (program.Server, error) { return start(proxy, setup) },
		Call:  call,
	}
}

func main() { newProgram().Main() }

// call calls all services over one connection, with all kinds of RPC.
func call(ctx context.Context, client program.Client) error {
	conn, out := client.Conn, client.Out
	answered := func(what string) grpc.CallOption {
		return stream.OnHeader(func(header metadata.MD) {
			fmt.Fprintf(out, "%s is answered by the backend of %s\n", what, strings.Join(header.Get(backendKey), " and "))
		})
	}
	service := squares.NewSquareServiceStub(conn).With(client.Options...)
	if err := callSquares(ctx, service, answered); err != nil {
		return err
	}

	feeds := feed.NewRedisStreamStub(conn).With(answered("server-streaming sub"))
	if err := receive(feeds.Sub(ctx, &feed.SubRequest{Stream: "news"})); err != nil {
		return err
	}

	greetings := greeter.NewGreeterStub(conn).With(gohost.Host(greeterHost), answered("unary sayHello"))
	if _, err := greetings.SayHello(ctx, &greeter.HelloRequest{Name: "gopher"}); err != nil {
		return err
	}

	gateway := service.With(gohost.Host(gatewaypb.GatewayHost), answered("bidirectional streamrangeSquare"))
	if err := receive(gateway.StreamrangeSquare(ctx, stream.Of(number(1), number(2)))); err != nil {
		return err
	}

	// The proxy has no route for this host. The error names it.
	_, err := service.With(gohost.Host("nobody.example")).Square(ctx, number(1))
	fmt.Fprintln(out, "no route:", err)
	return nil
}

// callSquares calls all four kinds of method.
func callSquares(ctx context.Context, service squares.SquareServiceStub, answered func(what string) grpc.CallOption) error {
	numbers := stream.Of(number(1), number(2), number(3))
	if _, err := service.With(answered("unary square")).Square(ctx, number(12)); err != nil {
		return err
	}
	if err := receive(service.With(answered("server-streaming rangeSquare")).RangeSquare(ctx, number(3))); err != nil {
		return err
	}
	if _, err := service.With(answered("client-streaming sumSquare")).SumSquare(ctx, numbers); err != nil {
		return err
	}
	return receive(service.With(answered("bidirectional streamrangeSquare")).StreamrangeSquare(ctx, numbers))
}

func number(n float64) *squares.Message { return &squares.Message{Message: n} }

// receive receives all messages of a stream and returns its error.
func receive[T any](seq iter.Seq2[T, error]) error {
	_, err := stream.Collect(seq)
	return err
}
