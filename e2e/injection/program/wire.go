//go:build wireinject

package main

import (
	"github.com/google/wire"
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// remote is a service that is called over a connection.
var remote = wire.NewSet(
	connect,
	wire.Bind(new(grpc.ClientConnInterface), new(*grpc.ClientConn)),
	squares.NewSquareServiceStub,
	wire.Bind(new(squares.SquareService), new(squares.SquareServiceStub)),
)

// local is a service in this process.
var local = wire.NewSet(
	newSquarer,
	wire.Bind(new(squares.SquareService), new(squarer)),
)

func newClient(addr address) (client, func(), error) {
	panic(wire.Build(remote, wire.Struct(new(client), "service")))
}

func newProxy(addr address) (server, func(), error) {
	panic(wire.Build(remote, serve))
}

func newBackend() (server, func(), error) {
	panic(wire.Build(local, serve))
}
