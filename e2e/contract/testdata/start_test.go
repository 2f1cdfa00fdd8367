package stub_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// The wires, by the value of GOHOST_WIRE.
var protocols = map[string]struct {
	options []connecthttp.Option
	major   int // of HTTP; 0 is in this process
}{
	"inprocess":     {nil, 0},
	"connect-http1": {nil, 1},
	"connect-http2": {nil, 2},
	"grpc":          {[]connecthttp.Option{connecthttp.WithGRPC()}, 2},
	"grpcweb-http1": {[]connecthttp.Option{connecthttp.WithGRPCWeb()}, 1},
	"grpcweb-http2": {[]connecthttp.Option{connecthttp.WithGRPCWeb()}, 2},
}

// notOneAnswer is the code of a call with one response whose server has sent none or
// two. connect uses that of gRPC's specification, which differs from grpc-go's.
func notOneAnswer() codes.Code {
	if os.Getenv("GOHOST_WIRE") == "inprocess" {
		return codes.Internal
	}
	return codes.Unimplemented
}

// endOfShortCall returns what the handler reports of a call that was canceled
// immediately, or nil if the handler has not begun: then net/http sends nothing.
func endOfShortCall(ended <-chan error) error {
	synctest.Wait()
	select {
	case err := <-ended:
		return err
	default:
		return nil
	}
}

var errUnreachable = errors.New("unreachable")

// start is like that of package stub, but over gohostconnect and the wire that
// GOHOST_WIRE names. It sets attributes of the test: "wire" means that start was
// called, and "without" names what the wire lacks, so that the test is skipped.
func start(t *testing.T, impl squares.SquareService, opts ...options) backend {
	t.Helper()
	var o options
	if len(opts) > 0 {
		o = opts[0]
	}
	name := os.Getenv("GOHOST_WIRE")
	wire, ok := protocols[name]
	if !ok {
		t.Fatalf("GOHOST_WIRE is %q, which is not a wire", name)
	}
	without := func(what string) {
		t.Helper()
		t.Attr("without", what)
		t.Skipf("%s does not have %s", name, what)
	}
	if len(o.server) > 0 || len(o.dial) > 0 {
		without("options of grpc's own")
	}
	if wire.major == 0 && (o.wrap != nil || o.unreachable) {
		without("a connection")
	}
	t.Attr("wire", name)

	server := connect.NewServer()
	running := newRunning()
	in := []gohostconnect.Option{gohostconnect.UnaryInterceptors(running.unary), gohostconnect.StreamInterceptors(append([]grpc.StreamServerInterceptor{running.stream}, o.streams...)...)}
	if o.unary != nil {
		in = append(in, gohostconnect.UnaryInterceptors(o.unary))
	}
	registrar := gohostconnect.NewRegistrar(server, in...)
	if o.register != nil {
		o.register(registrar)
	} else {
		squares.RegisterSquareService(registrar, impl)
	}
	b := backend{wait: running.wait, closeConn: func() { t.Errorf("contract: a connection of gohostconnect has no Close") }}
	var transport *gohostconnect.Transport
	if wire.major == 0 {
		transport = registrar.InProcess()
		b.stop = func() { t.Errorf("contract: there is no server in process") }
		t.Cleanup(running.wait)
		b.drain = func() { t.Errorf("contract: there is no server in process") }
		b.cut = func() { t.Errorf("contract: there is no connection in process") }
	} else {
		var limits []connecthttp.Option
		if o.receives > 0 {
			limits = append(limits, connecthttp.WithReadMaxBytes(o.receives))
		}
		if o.sends > 0 {
			limits = append(limits, connecthttp.WithSendMaxBytes(o.sends))
		}
		web := serve(gohostconnect.NewHandler(server, limits...), o, wire.major, running)
		opts := slices.Clip(wire.options)
		if !slices.ContainsFunc(o.calls, isCompressor) {
			opts = append(opts, connecthttp.WithCompressors()) // compressed zeros would not fill a window
		}
		transport = gohostconnect.NewTransport(&http.Client{Transport: web.client}, "http://backend", opts...)
		b.stop, b.drain, b.cut = web.stop, web.drain, web.cut
		t.Cleanup(func() {
			web.stop()
			web.client.CloseIdleConnections()
			if o.wrap != nil || wire.major == 1 {
				time.Sleep(time.Second) // for a write that is under way, or a connection that net/http keeps for a while
			}
		})
	}
	b.conn = gohostconnect.NewConn(transport)
	if o.calls != nil || o.callUnary != nil || o.callStream != nil {
		b.conn = around{b.conn, o}
	}
	b.stub = squares.NewSquareServiceStub(b.conn)
	return b
}

func isCompressor(o grpc.CallOption) bool {
	_, ok := o.(grpc.CompressorCallOption)
	return ok
}

// around adds interceptors and options for all calls to a connection, like
// grpc.NewClient.
type around struct {
	grpc.ClientConnInterface
	o options
}

func (a around) Invoke(ctx context.Context, method string, req, reply any, opts ...grpc.CallOption) error {
	opts = slices.Concat(a.o.calls, opts)
	if a.o.callUnary == nil {
		return a.ClientConnInterface.Invoke(ctx, method, req, reply, opts...)
	}
	invoke := func(ctx context.Context, method string, req, reply any, _ *grpc.ClientConn, opts ...grpc.CallOption) error {
		return a.ClientConnInterface.Invoke(ctx, method, req, reply, opts...)
	}
	return a.o.callUnary(ctx, method, req, reply, nil, invoke, opts...)
}

func (a around) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	opts = slices.Concat(a.o.calls, opts)
	if a.o.callStream == nil {
		return a.ClientConnInterface.NewStream(ctx, desc, method, opts...)
	}
	open := func(ctx context.Context, desc *grpc.StreamDesc, _ *grpc.ClientConn, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		return a.ClientConnInterface.NewStream(ctx, desc, method, opts...)
	}
	return a.o.callStream(ctx, desc, nil, method, open, opts...)
}

// web is a server and a client of net/http, over in-process connections.
type web struct {
	server *http.Server
	client *http.Transport
	served chan struct{}

	running *running
	cancel  context.CancelFunc // the handlers' contexts

	mu    sync.Mutex
	conns []net.Conn
}

// running counts the handlers.
type running struct {
	mu   sync.Mutex
	n    int
	idle sync.Cond // n is 0
}

func newRunning() *running {
	r := &running{}
	r.idle.L = &r.mu
	return r
}

func (r *running) count(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n += n
	r.idle.Broadcast()
}

func (r *running) wait() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.n > 0 {
		r.idle.Wait()
	}
}

func (r *running) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	r.count(1)
	defer r.count(-1)
	return handler(ctx, req)
}

func (r *running) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	r.count(1)
	defer r.count(-1)
	return handler(srv, ss)
}

func serve(handler http.Handler, o options, major int, running *running) *web {
	base, cancel := context.WithCancel(context.Background())
	w := &web{served: make(chan struct{}), running: running, cancel: cancel}
	var protocols http.Protocols
	protocols.SetHTTP1(major == 1)
	protocols.SetUnencryptedHTTP2(major == 2)
	w.server = &http.Server{
		Protocols: &protocols,
		// Close does not end an HTTP/1.1 handler that does not receive.
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    log.New(io.Discard, "", 0), // panics of handlers
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			running.count(1)
			defer running.count(-1)
			handler.ServeHTTP(rw, r)
		}),
	}
	// On the server's side net/http holds no lock while it writes. Such a lock would
	// stop a bubble's time.
	listener := newPipeListener(o.wrap)
	go func() {
		defer close(w.served)
		_ = w.server.Serve(listener)
	}()
	w.client = &http.Transport{
		Protocols: &protocols,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if o.unreachable {
				return nil, errUnreachable
			}
			conn, err := listener.dial(ctx)
			if err != nil {
				return nil, err
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.conns = append(w.conns, conn)
			return conn, nil
		},
	}
	return w
}

// stop ends the server and its calls, and waits for the handlers.
func (w *web) stop() {
	_ = w.server.Close()
	w.cancel()
	<-w.served
	w.running.wait()
}

// drain ends the server when its calls have ended.
func (w *web) drain() {
	_ = w.server.Shutdown(context.Background())
	<-w.served
}

// cut breaks the connections.
func (w *web) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
}
