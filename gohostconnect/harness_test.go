package gohostconnect_test

import (
	"context"
	"iter"
	"net/http/httptest"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	msg  = squares.Message
	msgs = iter.Seq2[*msg, error]
)

func num(n float64) *msg { return &msg{Message: n} }

// fake is a SquareService made of functions.
type fake struct {
	squares.UnimplementedSquareService
	square  func(context.Context, *msg) (*msg, error)
	ranges  func(context.Context, *msg) msgs
	sum     func(context.Context, msgs) (*msg, error)
	streams func(context.Context, msgs) msgs
}

func (f fake) Square(ctx context.Context, req *msg) (*msg, error)     { return f.square(ctx, req) }
func (f fake) RangeSquare(ctx context.Context, req *msg) msgs         { return f.ranges(ctx, req) }
func (f fake) SumSquare(ctx context.Context, reqs msgs) (*msg, error) { return f.sum(ctx, reqs) }
func (f fake) StreamrangeSquare(ctx context.Context, reqs msgs) msgs  { return f.streams(ctx, reqs) }

// wire is a protocol of connect over a version of HTTP.
type wire struct {
	name     string
	protocol []connecthttp.Option
	major    int // of HTTP; 0 means in this process
}

// bidi reports whether the wire can have bidirectional streams.
func (w wire) bidi() bool { return w.major != 1 }

var wires = []wire{
	{"in process", nil, 0},
	{"Connect, HTTP 1.1", nil, 1},
	{"Connect, HTTP 1.1, JSON", []connecthttp.Option{connecthttp.WithProtoJSON()}, 1},
	{"Connect, HTTP 2", nil, 2},
	{"gRPC", []connecthttp.Option{connecthttp.WithGRPC()}, 2},
	{"gRPC-Web, HTTP 1.1", []connecthttp.Option{connecthttp.WithGRPCWeb()}, 1},
	{"gRPC-Web, HTTP 2", []connecthttp.Option{connecthttp.WithGRPCWeb()}, 2},
}

// served is a server, and a connection to it.
type served struct {
	conn grpc.ClientConnInterface
	stub squares.SquareServiceStub
	web  *httptest.Server // nil in process
}

// serve serves what register registers over the wire until the test ends.
func (w wire) serve(t *testing.T, register func(grpc.ServiceRegistrar), opts ...gohostconnect.Option) served {
	t.Helper()
	server := connect.NewServer()
	registrar := gohostconnect.NewRegistrar(server, opts...)
	register(registrar)
	if w.major == 0 {
		conn := gohostconnect.NewConn(registrar.InProcess())
		return served{conn: conn, stub: squares.NewSquareServiceStub(conn)}
	}
	web := httptest.NewUnstartedServer(gohostconnect.NewHandler(server))
	if w.major == 2 {
		web.EnableHTTP2 = true
		web.StartTLS()
	} else {
		web.Start()
	}
	t.Cleanup(web.Close)
	conn := gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL, w.protocol...))
	return served{conn: conn, stub: squares.NewSquareServiceStub(conn), web: web}
}

func registering(impl squares.SquareService) func(grpc.ServiceRegistrar) {
	return func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, impl) }
}

// within returns a context that ends a hanging test.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if status.Code(err) != want {
		t.Errorf("error = %v, want the code %v", err, want)
	}
}
