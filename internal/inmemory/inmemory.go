// Package inmemory has servers and connections for tests that need no network.
package inmemory

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
)

// Serve serves what register registers until the test ends. It returns the
// listener of the server.
func Serve(tb testing.TB, register func(grpc.ServiceRegistrar), opts ...grpc.ServerOption) *bufconn.Listener {
	tb.Helper()
	server := grpc.NewServer(opts...)
	register(server)
	listener := bufconn.Listen(1 << 20)
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	tb.Cleanup(server.Stop)
	return listener
}

// Dial returns a connection to listener, without TLS unless opts say otherwise.
// Its own authority is "channel". It is closed when the test ends.
func Dial(tb testing.TB, listener *bufconn.Listener, opts ...grpc.DialOption) *grpc.ClientConn {
	tb.Helper()
	conn, err := grpc.NewClient("passthrough:///channel", append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()), Dialer(listener),
	}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Connect starts a server with what register registers and returns a connection
// to it. Both end with the test.
func Connect(tb testing.TB, register func(grpc.ServiceRegistrar), opts ...grpc.ServerOption) *grpc.ClientConn {
	tb.Helper()
	return Dial(tb, Serve(tb, register, opts...))
}

// Dialer returns the option that makes a connection dial listener.
func Dialer(listener *bufconn.Listener) grpc.DialOption {
	return grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) })
}
