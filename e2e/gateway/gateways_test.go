package gateway

import (
	"net"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// modes are the kinds of gateway.
var modes = map[string]struct {
	opts   []gateway.Option
	server []grpc.ServerOption
}{
	"typed":              {},
	"raw":                {opts: []gateway.Option{gateway.Raw()}},
	"raw with its codec": {opts: []gateway.Option{gateway.Raw()}, server: []grpc.ServerOption{grpc.ForceServerCodecV2(gateway.Codec(nil))}},
}

// startGateway starts a gateway to the server at upstream, and returns its address.
func startGateway(t *testing.T, mode, upstream string, server []grpc.ServerOption, conn ...grpc.DialOption) string {
	t.Helper()
	m := modes[mode]
	s := grpc.NewServer(append(server, m.server...)...)
	squares.RegisterSquareService(s, squares.NewSquareServiceStub(gateway.Conn(dial(t, upstream, conn...), m.opts...)).With(gohost.Host(upstreamHost)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(s.Stop)
	return listener.Addr().String()
}
