package impl

import (
	"context"
	"errors"
	"io"
	"net/http"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/vanguard"
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/connectv2/benchpbconnect"
	"github.com/gohostrpc/gohost/gohostconnect"
)

// Calls are the calls that are measured on a wire, like those of [Client].
type Calls interface {
	Unary(ctx context.Context, msg *benchpb.Message) error
	Download(ctx context.Context, count, size int, got func()) error
}

// Wire is a protocol with a client and a server.
type Wire struct {
	Name  string
	Start func() (Calls, func(), error)
}

// Wires are grpc-go with the stubs of protoc-gen-gohost, package gohostconnect on
// either side and on both, connect v2 with its own generated code, vanguard between two
// sides of gohostconnect, and no wire at all. All use HTTP/2 without TLS, and compress
// nothing, like grpc-go. By default connect's servers compress each message if the
// client can read it, as connect's clients can: that is bridge-default.
var Wires = []Wire{
	{"grpc-go", startGoGRPC},
	{"grpc-go-again", startGoGRPC},
	{"grpc-go-to-bridge", func() (Calls, func(), error) { return startBridge(bridge{client: goGRPC}) }},
	{"bridge-to-grpc-go", startBridgeToGRPC},
	{"bridge-grpc", func() (Calls, func(), error) { return startBridge(bridge{opts: withGRPC}) }},
	{"bridge-connect", func() (Calls, func(), error) { return startBridge(bridge{}) }},
	{"bridge-web", func() (Calls, func(), error) { return startBridge(bridge{opts: withWeb}) }},
	{"bridge-json", func() (Calls, func(), error) { return startBridge(bridge{opts: withJSON}) }},
	{"bridge-default", func() (Calls, func(), error) { return startBridge(bridge{gzip: true}) }},
	{"connect-grpc", func() (Calls, func(), error) { return startConnectV2(withGRPC...) }},
	{"connect-connect", func() (Calls, func(), error) { return startConnectV2() }},
	{"connect-web", func() (Calls, func(), error) { return startConnectV2(withWeb...) }},
	{"vanguard", func() (Calls, func(), error) { return startBridge(bridge{front: transcode}) }},
	{"in-process", startInProcess},
	{"method", func() (Calls, func(), error) { return methodCalls{gohostServer{}}, func() {}, nil }},
}

var (
	withGRPC = []connecthttp.Option{connecthttp.WithGRPC()}
	withWeb  = []connecthttp.Option{connecthttp.WithGRPCWeb()}
	withJSON = []connecthttp.Option{connecthttp.WithProtoJSON()}
)

// uncompressed makes a server compress nothing.
var uncompressed = connecthttp.WithCompressors()

func startGoGRPC() (Calls, func(), error) { return Setting{}.startGohost(false) }

// bridge is package gohostconnect in a server and its client.
type bridge struct {
	gzip   bool
	opts   []connecthttp.Option
	front  func(http.Handler) (http.Handler, error) // in front of the server, or nil
	client func(addr string) (Calls, func(), error) // nil means gohostconnect's
}

func startBridge(b bridge) (Calls, func(), error) {
	services := connect.NewServer()
	benchpb.RegisterBench(gohostconnect.NewRegistrar(services), gohostServer{})
	server := []connecthttp.Option{uncompressed}
	if b.gzip {
		server = nil
	}
	handler := gohostconnect.NewHandler(services, server...)
	if b.front != nil {
		var err error
		if handler, err = b.front(handler); err != nil {
			return nil, nil, err
		}
	}
	addr, stop, err := serveH2C(handler)
	if err != nil {
		return nil, nil, err
	}
	if b.client == nil {
		b.client = func(addr string) (Calls, func(), error) { return callBridge(addr, b.opts...), func() {}, nil }
	}
	calls, end, err := b.client(addr)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return calls, func() {
		end()
		stop()
	}, nil
}

// transcode returns vanguard, which translates the Connect protocol to gRPC.
func transcode(handler http.Handler) (http.Handler, error) {
	return vanguard.NewTranscoder([]*vanguard.Service{
		vanguard.NewService(benchpb.BenchName, handler, vanguard.WithTargetProtocols(vanguard.ProtocolGRPC)),
	})
}

func goGRPC(addr string) (Calls, func(), error) {
	cc, err := dialBy(addr)
	if err != nil {
		return nil, nil, err
	}
	return gohostCalls(cc), func() { _ = cc.Close() }, nil
}

func gohostCalls(cc grpc.ClientConnInterface) gohostClient {
	stub := benchpb.NewBenchStub(cc)
	return gohostClient{stub, stub}
}

func callBridge(addr string, opts ...connecthttp.Option) Calls {
	return gohostCalls(gohostconnect.NewConn(gohostconnect.NewTransport(clientH2C(), "http://"+addr, opts...)))
}

func startBridgeToGRPC() (Calls, func(), error) {
	server := grpc.NewServer()
	benchpb.RegisterBench(server, gohostServer{})
	lis, err := listen()
	if err != nil {
		return nil, nil, err
	}
	go server.Serve(lis) //nolint:errcheck // it ends with Stop
	return callBridge(lis.Addr().String(), withGRPC...), server.Stop, nil
}

func startInProcess() (Calls, func(), error) {
	registrar := gohostconnect.NewRegistrar(connect.NewServer())
	benchpb.RegisterBench(registrar, gohostServer{})
	return gohostCalls(gohostconnect.NewConn(registrar.InProcess())), func() {}, nil
}

// serveH2C serves HTTP/2 without TLS.
func serveH2C(handler http.Handler) (string, func(), error) {
	lis, err := listen()
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, Protocols: h2c()}
	go server.Serve(lis) //nolint:errcheck // it ends with Close
	return lis.Addr().String(), func() { _ = server.Close() }, nil
}

func clientH2C() *http.Client { return &http.Client{Transport: &http.Transport{Protocols: h2c()}} }

func h2c() *http.Protocols {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	return p
}

// methodCalls call an implementation directly.
type methodCalls struct{ benchpb.Bench }

func (c methodCalls) Unary(ctx context.Context, msg *benchpb.Message) error {
	_, err := c.Bench.Unary(ctx, msg)
	return err
}

func (c methodCalls) Download(ctx context.Context, count, size int, got func()) error {
	for _, err := range c.Bench.Download(ctx, &benchpb.Order{Count: int64(count), Size: int64(size)}) {
		if err != nil {
			return err
		}
		got()
	}
	return nil
}

// v2Server is the service as a user of connect v2 would write it.
type v2Server struct {
	benchpbconnect.UnimplementedBenchHandler
}

func (v2Server) Unary(_ context.Context, msg *benchpb.Message) (*benchpb.Message, error) {
	return msg, nil
}

func (v2Server) Download(_ context.Context, order *benchpb.Order, stream benchpbconnect.BenchDownloadServerStream) error {
	msg := &benchpb.Message{Data: make([]byte, order.GetSize())}
	for range abs(order.GetCount()) {
		if err := stream.Send(msg); err != nil {
			return err
		}
	}
	return nil
}

type v2Client struct{ client benchpbconnect.BenchClient }

func startConnectV2(opts ...connecthttp.Option) (Calls, func(), error) {
	services := connect.NewServer()
	benchpbconnect.RegisterBenchHandler(services, v2Server{})
	mux := http.NewServeMux()
	connecthttp.Mount(mux, services, uncompressed)
	addr, stop, err := serveH2C(mux)
	if err != nil {
		return nil, nil, err
	}
	client := connect.NewClient(connecthttp.NewTransport(clientH2C(), "http://"+addr, opts...))
	return v2Client{benchpbconnect.NewBenchClient(client)}, stop, nil
}

func (c v2Client) Unary(ctx context.Context, msg *benchpb.Message) error {
	_, err := c.client.Unary(ctx, msg)
	return err
}

func (c v2Client) Download(ctx context.Context, count, size int, got func()) error {
	stream, err := c.client.Download(ctx, &benchpb.Order{Count: int64(count), Size: int64(size)})
	if err != nil {
		return err
	}
	defer stream.Close() //nolint:errcheck // it has ended
	for {
		_, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		got()
	}
}
