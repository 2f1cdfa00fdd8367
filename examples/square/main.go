// Command square shows the four kinds of RPC as iterators: a server and a
// client, which talk to each other over TCP.
//
//	go run ./examples/square          both in one process
//	go run ./examples/square serve    only the server, until Ctrl+C
//	go run ./examples/square call     only the client
//
// With -cert, -key and -ca they use TLS, and -h lists all flags.
package main

import (
	"context"
	"log"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/examples/internal/program"
	"github.com/gohostrpc/gohost/testdata/squares"
)

var square = program.Program{
	Name: "square",
	Addr: "127.0.0.1:50051",
	Serve: func(context.Context, *log.Logger) (program.Register, error) {
		return func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, squareServer{}) }, nil
	},
	Call: call,
}

func main() { square.Main() }
