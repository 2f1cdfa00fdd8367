package stub_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// notOneAnswer is the code of a call with one response whose server has sent
// none or two.
func notOneAnswer() codes.Code { return codes.Internal }

// endOfShortCall returns what the handler reports about a call that was
// canceled immediately, or nil if it need not have begun.
func endOfShortCall(ended <-chan error) error { return <-ended }

var errUnreachable = errors.New("unreachable")

// start returns a backend of impl over grpc, which ends with the test.
// e2e/contract replaces this file with another start, and so runs these tests
// over the wires of package gohostconnect.
func start(t *testing.T, impl squares.SquareService, opts ...options) backend {
	t.Helper()
	var o options
	if len(opts) > 0 {
		o = opts[0]
	}
	server := grpc.NewServer(serverOptions(o)...)
	if o.register != nil {
		o.register(server)
	} else {
		squares.RegisterSquareService(server, impl)
	}
	listener := bufconn.Listen(1 << 20)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	var mu sync.Mutex
	var conns []net.Conn
	dialer := func(ctx context.Context, _ string) (net.Conn, error) {
		if o.unreachable {
			return nil, errUnreachable
		}
		conn, err := listener.DialContext(ctx)
		if err == nil && o.wrap != nil {
			conn = o.wrap(conn)
		}
		mu.Lock()
		defer mu.Unlock()
		conns = append(conns, conn)
		return conn, err
	}
	conn, err := grpc.NewClient("passthrough:///backend", append(dialOptions(o), grpc.WithContextDialer(dialer))...)
	if err != nil {
		t.Fatal(err)
	}
	b := backend{conn: conn, stub: squares.NewSquareServiceStub(conn), drain: server.GracefulStop}
	b.closeConn = func() { _ = conn.Close() }
	b.stop = func() {
		server.Stop()
		<-served
	}
	b.wait = b.stop
	b.cut = func() {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conns {
			_ = c.Close()
		}
	}
	t.Cleanup(func() {
		b.closeConn()
		b.stop()
	})
	return b
}

func serverOptions(o options) []grpc.ServerOption {
	opts := append(o.server[:len(o.server):len(o.server)], grpc.WaitForHandlers(true), grpc.ChainStreamInterceptor(o.streams...))
	if o.unary != nil {
		opts = append(opts, grpc.UnaryInterceptor(o.unary))
	}
	if o.receives > 0 {
		opts = append(opts, grpc.MaxRecvMsgSize(o.receives))
	}
	if o.sends > 0 {
		opts = append(opts, grpc.MaxSendMsgSize(o.sends))
	}
	return opts
}

func dialOptions(o options) []grpc.DialOption {
	opts := append(o.dial[:len(o.dial):len(o.dial)], grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(o.calls...))
	if o.callUnary != nil {
		opts = append(opts, grpc.WithUnaryInterceptor(o.callUnary))
	}
	if o.callStream != nil {
		opts = append(opts, grpc.WithStreamInterceptor(o.callStream))
	}
	return opts
}
