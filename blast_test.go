package gohost_test

import (
	"context"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/hostname/hosttest"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// counter counts what a server sees.
type counter struct{ connections, calls atomic.Int32 }

func (c *counter) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	c.connections.Add(1)
	return ctx
}

func (c *counter) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	c.calls.Add(1)
	return ctx
}

func (*counter) HandleConn(context.Context, stats.ConnStats) {}
func (*counter) HandleRPC(context.Context, stats.RPCStats)   {}

// An invalid host fails only its own call: the 50 other calls of the connection
// do not notice.
func TestBlastRadius(t *testing.T) {
	t.Parallel()
	count := new(counter)
	s := new(server)
	listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) }, grpc.StatsHandler(count))
	conn := inmemory.Dial(t, listener)
	streams := make([]grpc.ClientStream, 50)
	for i := range streams {
		stream, err := conn.NewStream(t.Context(), &squares.SquareServiceDesc.Streams[2], squares.SquareService_StreamrangeSquare_Method,
			grpc.CallAuthority("square.example"))
		if err != nil {
			t.Fatal(err)
		}
		streams[i] = stream
	}
	ping := func() {
		t.Helper()
		for i, stream := range streams {
			if err := stream.SendMsg(new(squares.Message)); err != nil {
				t.Errorf("stream %d: send: %v", i, err)
			}
			if err := stream.RecvMsg(new(squares.Message)); err != nil {
				t.Errorf("stream %d: receive: %v", i, err)
			}
		}
	}
	ping()
	for name, host := range hosttest.Invalid {
		stub := squares.NewSquareServiceStub(conn)
		for way, bad := range map[string]squares.SquareServiceStub{
			"With":        stub.With(grpc.CallAuthority(host)),
			"constructor": squares.NewSquareServiceStub(conn).With(grpc.CallAuthority(host)),
			"pointer":     stub.With(&grpc.AuthorityOverrideCallOption{Authority: host}),
			"Conn":        squares.NewSquareServiceStub(gohost.Conn(conn, host)).With(grpc.CallAuthority("")),
			"With and Conn": squares.NewSquareServiceStub(
				gohost.Conn(conn, "a.example")).With(grpc.CallAuthority(host)),
		} {
			for i, err := range callErrors(t.Context(), bad) {
				if status.Code(err) != codes.InvalidArgument {
					t.Errorf("%s by %s, call %d: %v, want InvalidArgument", name, way, i, err)
				}
			}
		}
		if _, err := greeter.NewGreeterStub(gohost.Conn(conn, host)).SayHello(t.Context(), new(greeter.HelloRequest)); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s by Conn, for a stub without a host: %v, want InvalidArgument", name, err)
		}
	}
	ping()
	if count.connections.Load() != 1 || int(count.calls.Load()) != len(streams) {
		t.Errorf("the server has seen %d connections and %d calls, want 1 and %d", count.connections.Load(), count.calls.Load(), len(streams))
	}
}

// Hosts from the environment are checked too.
func TestBlastRadiusOfTheEnvironment(t *testing.T) {
	t.Setenv("GOHOST_HOSTS", "")
	count := new(counter)
	_, conn := start(t, grpc.StatsHandler(count))
	for name, host := range hosttest.Invalid {
		if name == "NUL" || name == "trailing LF" {
			continue // an environment cannot contain NUL, and entries are trimmed
		}
		t.Setenv("GOHOST_HOSTS", "*="+host)
		checkCodes(t, squares.NewSquareServiceStub(conn), codes.Internal, "GOHOST_HOSTS")
	}
	if calls := count.calls.Load(); calls > 0 {
		t.Errorf("%d calls have reached the server", calls)
	}
}
