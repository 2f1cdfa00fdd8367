// Package impl has one service three times, each with its client and as its
// users write it: with the stubs of protoc-gen-gohost, with those of
// protoc-gen-go-grpc, and with connect-go's. They talk over loopback TCP.
//
// A loop by hand has a context that is canceled behind it, as in grpc's own
// tutorial: without, a stream that is left early is never released.
package impl

import (
	"context"
	"net"

	"github.com/gohostrpc/gohost/bench/benchpb"
)

// Client makes the calls that are measured. Its methods return when the RPC has
// ended, and may be called by many goroutines at once.
type Client interface {
	// Unary sends msg.
	Unary(ctx context.Context, msg *benchpb.Message) error
	// Download receives count messages of size bytes each, and gives each to got.
	Download(ctx context.Context, count, size int, got func()) error
	// Upload sends count times what next returns.
	Upload(ctx context.Context, count int, next func() *benchpb.Message) error
	// Chat sends count times what next returns, receives the same from the server
	// at the same time, and gives each message to got.
	Chat(ctx context.Context, count int, next func() *benchpb.Message, got func()) error
	// PingPong sends msg count times, each when the last has been answered.
	PingPong(ctx context.Context, count int, msg *benchpb.Message) error
}

// Start starts a server and returns its client, and a function that ends both.
type Start func() (Client, func(), error)

// Impl is an implementation.
type Impl struct {
	Name string
	Start
}

// The implementations by name. Reuse is Gohost with reuse of received messages,
// on both sides.
var (
	GRPC    = Impl{"grpc", Setting{}.startGRPC}
	Gohost  = Impl{"gohost", func() (Client, func(), error) { return Setting{}.startGohost(false) }}
	Reuse   = Impl{"reuse", func() (Client, func(), error) { return Setting{}.startGohost(true) }}
	Connect = Impl{"connect", startConnect}
)

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

func abs(i int64) int64 { return max(i, -i) }
