package drain_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/internal/certificate"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// serveTCP serves impl on loopback. It returns the address, a function that
// begins the end, and the error of Serve.
func serveTCP(t *testing.T, server *drain.Server, impl squares.SquareService) (addr string, end func(), served <-chan error) {
	t.Helper()
	squares.RegisterSquareService(server, impl)
	listener := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(cancel)
	return listener.Addr().String(), cancel, done
}

func dial(t *testing.T, addr string, creds credentials.TransportCredentials) squares.SquareServiceStub {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return squares.NewSquareServiceStub(conn)
}

// Over TCP with TLS, where only the credentials can see what is written, the
// streams end with ErrReopen, and the server in time.
func TestStreamsOverTLS(t *testing.T) {
	t.Parallel()
	authority := certificate.NewAuthority(t)
	creds := credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{authority.Issue(t, "square.example")}})
	addr, end, served := serveTCP(t, drain.NewServer(creds, drain.Options{Grace: -1}), fake{ranges: endless})
	service := dial(t, addr, credentials.NewTLS(&tls.Config{RootCAs: authority.Pool, ServerName: "square.example"}))
	const streams = 100
	ends := make([]<-chan error, streams)
	for i := range ends {
		var begun <-chan struct{}
		begun, ends[i] = ended(service.RangeSquare(t.Context(), num(1)))
		<-begun
	}
	began := time.Now()
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	for _, end := range ends {
		wantReopen(t, "range", <-end)
	}
}

// GracefulStop waits two minutes for handshakes: a client that has connected
// and sends nothing does not delay the end that long.
func TestAClientThatSaysNothing(t *testing.T) {
	t.Parallel()
	for name, creds := range map[string]credentials.TransportCredentials{
		"plaintext": insecure.NewCredentials(),
		"TLS":       credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{certificate.NewAuthority(t).Issue(t, "square.example")}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := make(chan struct{})
			seen := handshakes{creds, begun}
			addr, end, served := serveTCP(t, drain.NewServer(seen, drain.Options{}), fake{})
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() //nolint:errcheck // nothing was sent
			<-begun
			began := time.Now()
			end()
			if err := <-served; err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 20*time.Second { // on an idle machine it takes half a second
				t.Errorf("took %v", took)
			}
		})
	}
}

// handshakes are credentials that report the first handshake.
type handshakes struct {
	credentials.TransportCredentials
	begun chan struct{}
}

func (h handshakes) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	close(h.begun)
	return h.TransportCredentials.ServerHandshake(conn)
}

// Without credentials of its own, the server is like one of grpc.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	addr, end, served := serveTCP(t, drain.NewServer(nil, drain.Options{}), fake{
		square: func(context.Context, *msg) (*msg, error) { return num(1), nil },
	})
	_, err := dial(t, addr, insecure.NewCredentials()).Square(t.Context(), num(1))
	wantCode(t, "square", err, codes.OK)
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

var errListener = errors.New("the listener has failed")

type failingListener struct{ net.Listener }

func (failingListener) Accept() (net.Conn, error) { return nil, errListener }

// Serve returns the right error at the right time.
func TestServe(t *testing.T) {
	t.Parallel()
	server := drain.NewServer(insecure.NewCredentials(), drain.Options{})
	if err := server.Serve(t.Context(), failingListener{listen(t)}); !errors.Is(err, errListener) {
		t.Errorf("error %v, want that of the listener", err)
	}
	// Two listeners have one end.
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 2)
	go func() { served <- server.Serve(ctx, bufconn.Listen(1)) }()
	listener := listen(t)
	go func() { served <- server.Serve(t.Context(), listener) }()
	conn, err := net.Dial("tcp", listener.Addr().String()) // it is served as soon as something is written to it
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // read only
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	for range 2 {
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("the listener is open")
	}
	if err := server.Serve(t.Context(), listen(t)); err != nil {
		t.Errorf("after the end: %v", err)
	}
	// A server that Stop ends has also ended well.
	server = drain.NewServer(insecure.NewCredentials(), drain.Options{})
	server.Stop()
	if err := server.Serve(t.Context(), listen(t)); err != nil {
		t.Errorf("after Stop: %v", err)
	}
}

// ErrReopen is formatted like any status.
func ExampleErrReopen() {
	fmt.Println(drain.ErrReopen)
	// Output: rpc error: code = Unavailable desc = drain: the server asks to open the stream again
}
