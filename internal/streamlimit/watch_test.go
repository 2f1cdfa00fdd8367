package streamlimit_test

import (
	"context"
	"net"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/attributes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/streamlimit"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// watching are credentials that watch, several times if told to.
type watching struct {
	credentials.TransportCredentials
	times int
	conns chan net.Conn
}

func (w watching) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := w.TransportCredentials.ClientHandshake(ctx, authority, conn)
	if err != nil {
		return nil, nil, err
	}
	for range w.times {
		conn = streamlimit.Watch(ctx, conn)
	}
	w.conns <- conn
	return conn, info, nil
}

func (w watching) Clone() credentials.TransportCredentials { return w }

type squareService struct {
	squares.UnimplementedSquareService
}

func (squareService) Square(_ context.Context, req *squares.Message) (*squares.Message, error) {
	return req, nil
}

// dial makes a connection to addr of a server with a limit of 123.
func dial(t *testing.T, addr resolver.Address, creds watching) {
	t.Helper()
	listener := inmemory.Serve(t, register, grpc.MaxConcurrentStreams(123))
	if err := call(t, addr, creds, inmemory.Dialer(listener)); err != nil {
		t.Fatal(err)
	}
}

func register(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, squareService{}) }

// call makes a call to addr.
func call(t *testing.T, addr resolver.Address, creds watching, opts ...grpc.DialOption) error {
	t.Helper()
	r := manual.NewBuilderWithScheme("test")
	r.InitialState(resolver.State{Addresses: []resolver.Address{addr}})
	conn, err := grpc.NewClient("test:///server", append(opts, grpc.WithResolvers(r), grpc.WithTransportCredentials(creds))...)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the test is over
	_, err = squares.NewSquareServiceStub(conn).Square(t.Context(), &squares.Message{})
	return err
}

// The handshake reports to the limit that is attached to the address before the
// connection is ready. Other attributes of the address stay.
func TestWatch(t *testing.T) {
	t.Parallel()
	type key struct{}
	for times := 1; times <= 3; times++ {
		for name, addr := range map[string]resolver.Address{
			"no attributes":    {Addr: "a"},
			"other attributes": {Addr: "a", Attributes: attributes.New(key{}, "value")},
		} {
			var limit streamlimit.Limit
			if got, ok := limit.Get(); ok {
				t.Errorf("%s: the limit is %d before there is a connection", name, got)
			}
			attached := streamlimit.Attach(addr, &limit)
			if got, want := attached.Attributes.Value(key{}), addr.Attributes.Value(key{}); got != want {
				t.Errorf("%s: another attribute is %v, want %v", name, got, want)
			}
			creds := watching{insecure.NewCredentials(), times, make(chan net.Conn, 1)}
			dial(t, attached, creds)
			if got, ok := limit.Get(); !ok || got != 123 {
				t.Errorf("%s, watched %d times: the limit is %d, %v; want 123", name, times, got, ok)
			}
		}
	}
}

// A connection is watched once, however many credentials watch; without a Limit
// it is not watched at all.
func TestWatchOnce(t *testing.T) {
	t.Parallel()
	wraps := func(conn net.Conn) (n int) {
		for {
			inner, ok := streamlimit.Unwrap(conn)
			if !ok {
				return n
			}
			conn = inner
			n++
		}
	}
	address := serveSockets(t)
	var limit streamlimit.Limit
	for times, want := range []int{0, 1, 1, 1} {
		creds := watching{insecure.NewCredentials(), times, make(chan net.Conn, 1)}
		dial(t, resolver.Address{Addr: "a"}, creds)
		if got := wraps(<-creds.conns); got != 0 {
			t.Errorf("without a limit: %d wrappers", got)
		}
		dial(t, streamlimit.Attach(resolver.Address{Addr: "a"}, &limit), creds)
		if got := wraps(<-creds.conns); got != want {
			t.Errorf("watched %d times: %d wrappers, want %d", times, got, want)
		}
		if err := call(t, streamlimit.Attach(resolver.Address{Addr: address}, &limit), creds); err != nil {
			t.Fatal(err)
		}
		conn := <-creds.conns
		if got := wraps(conn); got != want {
			t.Errorf("a socket, watched %d times: %d wrappers, want %d", times, got, want)
		}
		if _, ok := conn.(syscall.Conn); !ok {
			t.Errorf("watched %d times, a socket is a %T, and no syscall.Conn", times, conn)
		}
	}
}

// serveSockets returns the address of a server that has sockets.
func serveSockets(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	register(server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(listener) //nolint:errcheck // it returns when the test ends
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return listener.Addr().String()
}

// The limit of an earlier attempt to connect does not count for the next.
func TestAnEarlierTryIsForgotten(t *testing.T) {
	t.Parallel()
	var limit streamlimit.Limit
	addr := streamlimit.Attach(resolver.Address{Addr: "a"}, &limit)
	creds := watching{insecure.NewCredentials(), 1, make(chan net.Conn, 8)}
	dial(t, addr, creds)
	if _, ok := limit.Get(); !ok {
		t.Fatal("no limit is known")
	}
	listener := bufconn.Listen(1 << 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if conn, err := listener.Accept(); err == nil {
			_ = conn.Close()
		}
	}()
	if err := call(t, addr, creds, inmemory.Dialer(listener)); err == nil {
		t.Fatal("a call to no server succeeds")
	}
	<-done
	if got, ok := limit.Get(); ok {
		t.Errorf("the limit is %d, which is that of another connection", got)
	}
}
