package impl

import (
	"context"
	"errors"
	"io"
	"net"

	grpcproxy "github.com/mwitkow/grpc-proxy/proxy"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/gateway"
)

// Gateway is a server between a client and an upstream.
type Gateway struct {
	Name  string
	start func(upstream string) (addr string, stop func(), err error)
}

// The gateways, for the services Bench and Nested. TypedGateway decodes all messages.
// RawGateway passes them on, and RawCodec does so with gateway.Codec in the server.
// TypedAgain is TypedGateway: comparing it with itself shows how much runs differ.
// StubAlone is a stub without package gateway, which passes no metadata. GRPCProxy is
// github.com/mwitkow/grpc-proxy. Relay copies bytes from one TCP connection to another,
// without understanding HTTP/2. Direct is no gateway.
var (
	TypedGateway = Gateway{"typed", func(upstream string) (string, func(), error) { return startGateway(upstream, nil) }}
	TypedAgain   = Gateway{"typed-again", TypedGateway.start}
	RawGateway   = Gateway{"raw", func(upstream string) (string, func(), error) { return startGateway(upstream, nil, gateway.Raw()) }}
	RawCodec     = Gateway{"raw-codec", func(upstream string) (string, func(), error) {
		return startGateway(upstream, []grpc.ServerOption{grpc.ForceServerCodecV2(gateway.Codec(nil))}, gateway.Raw())
	}}
	StubAlone = Gateway{"stub", startStub}
	GRPCProxy = Gateway{"grpc-proxy", startGRPCProxy}
	Relay     = Gateway{"relay", startRelay}
	Direct    = Gateway{"direct", func(upstream string) (string, func(), error) { return upstream, func() {}, nil }}
)

func startGateway(upstream string, serverOpts []grpc.ServerOption, opts ...gateway.Option) (string, func(), error) {
	return startServer(upstream, serverOpts, func(server *grpc.Server, cc *grpc.ClientConn) {
		registerStubs(server, gateway.Conn(cc, opts...))
	})
}

func startStub(upstream string) (string, func(), error) {
	return startServer(upstream, nil, func(server *grpc.Server, cc *grpc.ClientConn) { registerStubs(server, cc) })
}

func registerStubs(server *grpc.Server, cc grpc.ClientConnInterface) {
	benchpb.RegisterBench(server, benchpb.NewBenchStub(cc))
	benchpb.RegisterNested(server, benchpb.NewNestedStub(cc))
}

func startGRPCProxy(upstream string) (string, func(), error) {
	codec := grpcproxy.Codec()
	var cc *grpc.ClientConn
	return startServer(upstream, []grpc.ServerOption{
		grpc.CustomCodec(codec), //nolint:staticcheck // as grpc-proxy's documentation says
		grpc.UnknownServiceHandler(grpcproxy.TransparentHandler(func(ctx context.Context, _ string) (context.Context, *grpc.ClientConn, error) {
			return ctx, cc, nil
		})),
	}, func(_ *grpc.Server, conn *grpc.ClientConn) { cc = conn }, grpc.CallCustomCodec(codec)) //nolint:staticcheck // as above
}

// startServer starts a server with the services that register registers. It returns the
// address and a function that stops the server. register gets a connection to the
// upstream.
func startServer(upstream string, opts []grpc.ServerOption, register func(*grpc.Server, *grpc.ClientConn), callOpts ...grpc.CallOption) (string, func(), error) {
	cc, err := dialBy(upstream, callOpts...)
	if err != nil {
		return "", nil, err
	}
	server := grpc.NewServer(opts...)
	register(server, cc)
	lis, err := listen()
	if err != nil {
		return "", nil, errors.Join(err, cc.Close())
	}
	go server.Serve(lis) //nolint:errcheck // it ends with stop
	return lis.Addr().String(), func() {
		server.Stop()
		_ = cc.Close()
	}, nil
}

// dialBy connects with call options.
func dialBy(addr string, opts ...grpc.CallOption) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(opts...))
}

func startRelay(upstream string) (string, func(), error) {
	lis, err := listen()
	if err != nil {
		return "", nil, err
	}
	go func() {
		for {
			in, err := lis.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", upstream)
			if err != nil {
				_ = in.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(onlyWriter{way[1]}, way[0])
					_ = way[1].Close()
				}()
			}
		}
	}()
	return lis.Addr().String(), func() { _ = lis.Close() }, nil
}

// onlyWriter prevents the kernel from copying by itself: a gateway must read.
type onlyWriter struct{ io.Writer }
