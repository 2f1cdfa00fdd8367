// Package impl implements one service three times, with the stubs of protoc-gen-gohost,
// protoc-gen-go-grpc and connect-go. Each server and client is written as a user would
// write it. They talk over loopback TCP.
//
// A loop by hand cancels its context when it ends, as in grpc's own tutorial: otherwise
// a stream that is left early is never released.
package impl

import (
	"context"
	"net"

	"github.com/gohostrpc/gohost/bench/benchpb"
)

// Client makes the calls that are measured. Its methods return when the RPC has ended,
// and may be called concurrently.
type Client interface {
	// Unary sends msg.
	Unary(ctx context.Context, msg *benchpb.Message) error
	// Download receives count messages of size bytes each, and calls got for each.
	Download(ctx context.Context, count, size int, got func()) error
	// Upload sends the results of count calls of next.
	Upload(ctx context.Context, count int, next func() *benchpb.Message) error
	// Chat sends the results of count calls of next, concurrently receives the same
	// number from the server, and calls got for each.
	Chat(ctx context.Context, count int, next func() *benchpb.Message, got func()) error
	// PingPong sends msg count times, each time after the last one has been answered.
	PingPong(ctx context.Context, count int, msg *benchpb.Message) error
}

// Start starts a server and returns its client, and a function that ends both.
type Start func() (Client, func(), error)

// Impl is an implementation.
type Impl struct {
	Name string
	Start
}

// The implementations by name. Reuse is Gohost with reuse of received messages on both
// sides.
var (
	GRPC    = Impl{"grpc", Setting{}.startGRPC}
	Gohost  = Impl{"gohost", func() (Client, func(), error) { return Setting{}.startGohost(false) }}
	Reuse   = Impl{"reuse", func() (Client, func(), error) { return Setting{}.startGohost(true) }}
	Connect = Impl{"connect", startConnect}
)

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

func abs(i int64) int64 { return max(i, -i) }
