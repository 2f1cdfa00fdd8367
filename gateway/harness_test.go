package gateway_test

import (
	"bytes"
	"context"
	"iter"
	"net"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	msg    = squares.Message
	msgs   = iter.Seq2[*squares.Message, error]
	stubOf = squares.SquareServiceStub
)

func num(n float64) *msg { return &msg{Message: n} }

// big returns the number n in a message of about size bytes.
func big(n float64, size int) *msg {
	m := num(n)
	unknown := protowire.AppendTag(nil, 100, protowire.BytesType)
	m.ProtoReflect().SetUnknown(protowire.AppendBytes(unknown, bytes.Repeat([]byte{byte(n)}, size)))
	return m
}

// service is a SquareService whose methods all do the same: each receives one
// or several requests, and sends one or several responses.
type service func(ctx context.Context, reqs msgs, send func(*msg) bool) error

func (f service) one(ctx context.Context, reqs msgs) (*msg, error) {
	answer := new(msg)
	if err := f(ctx, reqs, func(m *msg) bool { answer = m; return true }); err != nil {
		return nil, err
	}
	return answer, nil
}

func (f service) all(ctx context.Context, reqs msgs) msgs {
	return func(yield func(*msg, error) bool) {
		gone := false
		err := f(ctx, reqs, func(m *msg) bool { gone = gone || !yield(m, nil); return !gone })
		if err != nil && !gone {
			yield(nil, err)
		}
	}
}

func (f service) Square(ctx context.Context, req *msg) (*msg, error) {
	return f.one(ctx, stream.Of(req))
}
func (f service) RangeSquare(ctx context.Context, req *msg) msgs         { return f.all(ctx, stream.Of(req)) }
func (f service) SumSquare(ctx context.Context, reqs msgs) (*msg, error) { return f.one(ctx, reqs) }
func (f service) StreamrangeSquare(ctx context.Context, reqs msgs) msgs  { return f.all(ctx, reqs) }

// squarer answers each number with its square.
var squarer service = func(_ context.Context, reqs msgs, send func(*msg) bool) error {
	for req, err := range reqs {
		if err != nil {
			return err
		}
		if !send(num(req.GetMessage() * req.GetMessage())) {
			break
		}
	}
	return nil
}

// failing sends this number of messages and then fails with err.
func failing(messages int, err error) service {
	return func(_ context.Context, _ msgs, send func(*msg) bool) error {
		for range messages {
			send(num(1))
		}
		return err
	}
}

// kind is one of the four kinds of RPC.
type kind struct {
	name              string
	requests, answers bool // whether there may be several
	open              func(ctx context.Context, s stubOf, reqs msgs) msgs
}

var kinds = []kind{
	{"unary", false, false, func(ctx context.Context, s stubOf, reqs msgs) msgs { return single(s.Square(ctx, first(reqs))) }},
	{"server streaming", false, true, func(ctx context.Context, s stubOf, reqs msgs) msgs { return s.RangeSquare(ctx, first(reqs)) }},
	{"client streaming", true, false, func(ctx context.Context, s stubOf, reqs msgs) msgs { return single(s.SumSquare(ctx, reqs)) }},
	{"bidirectional", true, true, func(ctx context.Context, s stubOf, reqs msgs) msgs { return s.StreamrangeSquare(ctx, reqs) }},
}

var fullMethods = map[string]string{
	"unary":            squares.SquareService_Square_Method,
	"server streaming": squares.SquareService_RangeSquare_Method,
	"client streaming": squares.SquareService_SumSquare_Method,
	"bidirectional":    squares.SquareService_StreamrangeSquare_Method,
}

func single(m *msg, err error) msgs {
	return func(yield func(*msg, error) bool) { yield(m, err) }
}

func first(reqs msgs) *msg {
	for req, err := range reqs {
		if err != nil {
			break
		}
		return req
	}
	return nil
}

// outcome is what a client gets from a call.
type outcome struct {
	got             []float64
	header, trailer metadata.MD
	err             error
}

// call makes a call of the kind with the numbers.
func (k kind) call(ctx context.Context, s stubOf, numbers ...float64) outcome {
	reqs := make([]*msg, 0, len(numbers))
	for _, n := range numbers {
		reqs = append(reqs, num(n))
	}
	return k.callWith(ctx, s, stream.Of(reqs...))
}

func (k kind) callWith(ctx context.Context, s stubOf, reqs msgs) (o outcome) {
	s = s.With(grpc.Header(&o.header), grpc.Trailer(&o.trailer))
	for m, err := range k.open(ctx, s, reqs) {
		if err != nil {
			o.err = err
			return o
		}
		o.got = append(o.got, m.GetMessage())
	}
	return o
}

// mode is a kind of gateway.
type mode struct {
	name   string
	opts   []gateway.Option
	server []grpc.ServerOption
}

var modes = []mode{
	{name: "typed"},
	{name: "raw", opts: []gateway.Option{gateway.Raw()}},
	{name: "raw with its codec", opts: []gateway.Option{gateway.Raw()}, server: []grpc.ServerOption{grpc.ForceServerCodecV2(gateway.Codec(nil))}},
}

// each runs a test typed and raw, for each kind of RPC, in a bubble.
func each(t *testing.T, test func(t *testing.T, m mode, k kind)) {
	t.Helper()
	eachOf(t, modes[:2], test)
}

func eachOf(t *testing.T, modes []mode, test func(t *testing.T, m mode, k kind)) {
	t.Helper()
	for _, m := range modes {
		for _, k := range kinds {
			t.Run(m.name+"/"+k.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { test(t, m, k) })
			})
		}
	}
}

// The hosts of the tests: clients know that of the gateway, but not those of
// the upstream and of its address.
const (
	publicHost   = "public.example"
	upstreamHost = "lab.internal"
	upstreamAddr = "backend-7.internal:8443"
)

// setup is the configuration of the gateway and of the upstream.
type setup struct {
	upstream       squares.SquareService
	upstreamServer []grpc.ServerOption
	dial           []grpc.DialOption // of the gateway's connection to the upstream
	view           func(*grpc.ClientConn) grpc.ClientConnInterface
	opts           []gateway.Option
	server         []grpc.ServerOption // of the gateway
	register       func(r grpc.ServiceRegistrar, s stubOf)
	host           string // named by the gateway's stub, if not upstreamHost
	wrap           func(net.Conn) net.Conn
	unregistered   bool // the upstream has an UnknownServiceHandler
}

// world is a client, a gateway and an upstream.
type world struct {
	client   stubOf // of the gateway
	conn     *grpc.ClientConn
	gateway  *grpc.Server
	upstream *grpc.Server
	cut      func() // cuts the connections of the gateway to the upstream
}

func (s setup) start(t *testing.T, m mode) world {
	t.Helper()
	var w world
	var conns connections
	w.upstream = grpc.NewServer(append(s.upstreamServer, grpc.WaitForHandlers(true))...)
	if !s.unregistered {
		squares.RegisterSquareService(w.upstream, s.upstream)
	}
	dialUpstream := serve(t, w.upstream)
	upstream := dial(t, upstreamAddr, func(ctx context.Context, _ string) (net.Conn, error) {
		conn, err := conns.add(dialUpstream(ctx, ""))
		if err == nil && s.wrap != nil {
			conn = s.wrap(conn)
		}
		return conn, err
	}, s.dial...)
	w.cut = conns.cut
	var view grpc.ClientConnInterface = upstream
	if s.view != nil {
		view = s.view(upstream)
	}
	host := s.host
	if host == "" {
		host = upstreamHost
	}
	inner := squares.NewSquareServiceStub(gateway.Conn(view, append(m.opts[:len(m.opts):len(m.opts)], s.opts...)...)).With(gohost.Host(host))
	w.gateway = grpc.NewServer(append(append(s.server[:len(s.server):len(s.server)], m.server...), grpc.WaitForHandlers(true))...)
	if s.register != nil {
		s.register(w.gateway, inner)
	} else {
		squares.RegisterSquareService(w.gateway, inner)
	}
	w.conn = dial(t, "gateway", serve(t, w.gateway))
	w.client = squares.NewSquareServiceStub(w.conn).With(gohost.Host(publicHost))
	return w
}

// dialer is an argument of grpc.WithContextDialer.
type dialer = func(ctx context.Context, addr string) (net.Conn, error)

// serve serves until the test ends.
func serve(t *testing.T, server *grpc.Server) dialer {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }
}

func dial(t *testing.T, addr string, dialer dialer, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+addr, append([]grpc.DialOption{
		grpc.WithContextDialer(dialer),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// connections holds the connections that a test may cut.
type connections struct {
	mu  sync.Mutex
	all []net.Conn
}

func (c *connections) add(conn net.Conn, err error) (net.Conn, error) {
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, conn)
	}
	return conn, err
}

func (c *connections) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.all {
		_ = conn.Close()
	}
}

func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if status.Code(err) != want {
		t.Errorf("error = %v, want the code %v", err, want)
	}
}
