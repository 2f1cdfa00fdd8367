package gohost_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestConn(t *testing.T) {
	t.Parallel()
	s, cc := start(t)
	conn := gohost.Conn(cc, "view.example")
	host := gohost.Host
	for want, stub := range map[string]squares.SquareServiceStub{
		// A stub with its own host keeps it; "" means that of the view.
		"square.example": squares.NewSquareServiceStub(conn),
		"view.example":   squares.NewSquareServiceStub(conn).With(host("")),
		"call.example":   squares.NewSquareServiceStub(conn).With(host("call.example")),
		"inner.example":  squares.NewSquareServiceStub(gohost.Conn(conn, "inner.example")).With(host("")),
		"channel":        squares.NewSquareServiceStub(gohost.Conn(cc, "")).With(host("")),
	} {
		checkAnswers(t, stub, 0)
		checkSeen(t, s, want)
	}
	// Invalid hosts are not sent, however they are named.
	checkCodes(t, squares.NewSquareServiceStub(gohost.Conn(cc, "a\nb")).With(host("")), codes.InvalidArgument, `gohost: invalid host "a\nb"`)
	checkAnswers(t, squares.NewSquareServiceStub(gohost.Conn(cc, "a\nb")), 0) // the stub has a valid one
	checkCodes(t, squares.NewSquareServiceStub(gohost.Conn(nil, "a.example")), codes.Internal, "a nil connection")
}

// Calls use the options of a view, and may override them.
func TestConnWithOptions(t *testing.T) {
	t.Parallel()
	var seen []grpc.CallOption
	cc := recorder{options: func(opts []grpc.CallOption) { seen = opts }}
	size := func() (size int) {
		for _, opt := range seen {
			if max, ok := opt.(grpc.MaxRecvMsgSizeCallOption); ok {
				size = max.MaxRecvMsgSize // the last one wins
			}
		}
		return size
	}
	given := []grpc.CallOption{grpc.MaxCallRecvMsgSize(1)}
	conn := gohost.Conn(cc, "view.example", given...)
	given[0] = grpc.MaxCallRecvMsgSize(2)
	call := func(opts ...grpc.CallOption) {
		_ = conn.Invoke(t.Context(), "/s.S/M", nil, nil, opts...)
	}
	if call(); size() != 1 || authorityIn(seen) != "view.example" {
		t.Errorf("size %d of host %q, want 1 of view.example", size(), authorityIn(seen))
	}
	if call(grpc.MaxCallRecvMsgSize(3), gohost.Host("call.example")); size() != 3 || authorityIn(seen) != "call.example" {
		t.Errorf("size %d of host %q, want 3 of call.example", size(), authorityIn(seen))
	}
	conn = gohost.Conn(cc, "view.example", gohost.Host("option.example"))
	if call(); authorityIn(seen) != "option.example" {
		t.Errorf("host %q, want option.example", authorityIn(seen))
	}
}

// Conn gives a stub of protoc-gen-go-grpc a host.
func TestConnOfOtherStubs(t *testing.T) {
	t.Parallel()
	var seen []string
	cc := inmemory.Connect(t, func(r grpc.ServiceRegistrar) { healthpb.RegisterHealthServer(r, health.NewServer()) },
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			seen = append(seen, metadata.ValueFromIncomingContext(ctx, ":authority")...)
			return handler(ctx, req)
		}))
	client := healthpb.NewHealthClient(gohost.Conn(cc, "square.example"))
	for range 2 {
		if _, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{}, grpc.CallAuthority("a b")); status.Code(err) != codes.InvalidArgument {
		t.Errorf("error = %v, want InvalidArgument", err)
	}
	watch, err := client.Watch(t.Context(), &healthpb.HealthCheckRequest{}, grpc.CallAuthority("a b"))
	if status.Code(err) != codes.InvalidArgument || watch != nil {
		t.Errorf("Watch = %v, %v, want InvalidArgument", watch, err)
	}
	if len(seen) != 2 || seen[0] != "square.example" || seen[1] != "square.example" {
		t.Errorf("hosts = %q, want square.example twice", seen)
	}
}

// The guard also checks calls that do not come from a stub of this module.
func TestGuard(t *testing.T) {
	t.Parallel()
	s := new(server)
	listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) })
	guards := []grpc.DialOption{grpc.WithChainUnaryInterceptor(gohost.UnaryGuard), grpc.WithChainStreamInterceptor(gohost.StreamGuard)}
	channel := grpc.CallAuthority("")

	good := inmemory.Dial(t, listener, guards...)
	checkAnswers(t, squares.NewSquareServiceStub(good), 0)
	checkSeen(t, s, "square.example")
	checkAnswers(t, squares.NewSquareServiceStub(good).With(channel), 0)
	checkSeen(t, s, "channel")

	bad := inmemory.Dial(t, listener, append(guards, grpc.WithDefaultCallOptions(grpc.CallAuthority("a\nb")))...)
	checkAnswers(t, squares.NewSquareServiceStub(bad), 0) // the stub's own host wins
	checkSeen(t, s, "square.example")
	client := greeter.NewGreeterStub(bad) // a stub without a host
	if _, err := client.SayHello(t.Context(), new(greeter.HelloRequest)); status.Code(err) != codes.InvalidArgument {
		t.Errorf("error = %v, want InvalidArgument", err)
	}
	stream, err := bad.NewStream(t.Context(), &squares.SquareServiceDesc.Streams[0], squares.SquareService_RangeSquare_Method)
	if status.Code(err) != codes.InvalidArgument || stream != nil {
		t.Errorf("NewStream = %v, %v, want InvalidArgument", stream, err)
	}

	for _, key := range []string{"host", "Host", ":authority"} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), key, "evil.example")
		for i, err := range callErrors(ctx, squares.NewSquareServiceStub(good)) {
			if status.Code(err) != codes.InvalidArgument {
				t.Errorf("metadata %s, call %d: %v, want InvalidArgument", key, i, err)
			}
		}
	}
	if seen := s.seen(); len(seen) > 0 {
		t.Errorf("calls have reached the server, for %q", seen)
	}
}

// An error about a host tells the host to the caller in this process. Its
// status does not: a gateway that passes it on says nothing about its backends.
func TestInvalidHostIsNotInTheStatus(t *testing.T) {
	t.Parallel()
	_, cc := start(t)
	conn := gohost.Conn(cc, "secret lab")
	_, stream := conn.NewStream(t.Context(), &squares.SquareServiceDesc.Streams[0], squares.SquareService_RangeSquare_Method)
	secret := []grpc.CallOption{grpc.CallAuthority("secret lab")}
	for name, err := range map[string]error{
		"Conn, unary":  conn.Invoke(t.Context(), squares.SquareService_Square_Method, nil, nil),
		"Conn, stream": stream,
		"UnaryGuard":   gohost.UnaryGuard(t.Context(), squares.SquareService_Square_Method, nil, nil, nil, nil, secret...),
	} {
		if want := `gohost: invalid host "secret lab"`; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %s", name, err, want)
		}
		if s := status.Convert(err); s.Code() != codes.InvalidArgument || s.Message() != "gohost: the host of the call is invalid" {
			t.Errorf("%s: status %v", name, s)
		}
	}
}

// The options of a call belong to its caller, including the slice's spare
// capacity.
func TestConnLeavesTheOptionsAlone(t *testing.T) {
	t.Parallel()
	_, cc := start(t)
	conn := gohost.Conn(cc, "view.example")
	mine := grpc.WaitForReady(true)
	opts := make([]grpc.CallOption, 1, 4)
	opts[0] = mine
	behind := opts[1:4]
	if err := conn.Invoke(t.Context(), squares.SquareService_Square_Method, new(squares.Message), new(squares.Message), opts...); err != nil {
		t.Fatal(err)
	}
	stream, err := conn.NewStream(t.Context(), &squares.SquareServiceDesc.Streams[0], squares.SquareService_RangeSquare_Method, opts...)
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.CloseSend()
	if opts[0] != mine || behind[0] != nil || behind[1] != nil || behind[2] != nil {
		t.Errorf("options of the caller = %v, and behind them %v", opts, behind)
	}
}
