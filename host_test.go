package gohost_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/certificate"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// The precedence of hosts, from the caller to the wire.
func TestHostOnTheWire(t *testing.T) {
	t.Parallel()
	s, conn := start(t)
	host := gohost.Host
	for want, stub := range map[string]squares.SquareServiceStub{
		"square.example":  squares.NewSquareServiceStub(conn),
		"last.example":    squares.NewSquareServiceStub(conn).With(host("first.example"), host("last.example")),
		"grpc.example":    squares.NewSquareServiceStub(conn).With(grpc.CallAuthority("grpc.example")),
		"again.example":   squares.NewSquareServiceStub(conn).With(host("call.example")).With(host("again.example")),
		"kept.example":    squares.NewSquareServiceStub(conn).With(host("kept.example")).With(grpc.WaitForReady(true)),
		"channel":         squares.NewSquareServiceStub(conn).With(host("")),
		"127.0.0.1:8080":  squares.NewSquareServiceStub(conn).With(host("127.0.0.1:8080")),
		"[::1]:80":        squares.NewSquareServiceStub(conn).With(host("[::1]:80")),
		"UPPER.example":   squares.NewSquareServiceStub(conn).With(host("UPPER.example")),
		"pointer.example": squares.NewSquareServiceStub(conn).With(&grpc.AuthorityOverrideCallOption{Authority: "pointer.example"}),
	} {
		checkAnswers(t, stub, 0)
		checkSeen(t, s, want)
	}
	// With does not change the original stub.
	stub := squares.NewSquareServiceStub(conn)
	stub.With(host("other.example"))
	checkAnswers(t, stub, 0)
	checkSeen(t, s, "square.example")
}

func TestEnvironment(t *testing.T) {
	s, conn := start(t)
	before := squares.NewSquareServiceStub(conn)
	t.Setenv("GOHOST_HOSTS", "squarerpc_service.*=package.example,*=all.example,squarerpc_service.SquareService=staging.example:8443")
	stub := squares.NewSquareServiceStub(conn)
	checkAnswers(t, stub, 0)
	checkSeen(t, s, "staging.example:8443")
	checkAnswers(t, squares.NewSquareServiceStub(conn).With(gohost.Host("call.example")), 0)
	checkSeen(t, s, "call.example")
	checkAnswers(t, stub.With(grpc.CallAuthority("")), 0)
	checkSeen(t, s, "channel")
	// The environment is read when a stub is made, not by With.
	checkAnswers(t, before.With(), 0)
	checkSeen(t, s, "square.example")
	t.Setenv("GOHOST_HOSTS", "")
	checkAnswers(t, stub.With(), 0)
	checkSeen(t, s, "staging.example:8443")
}

// The environment also wins over a method's own host.
func TestEnvironmentAndMethods(t *testing.T) {
	t.Setenv("GOHOST_HOSTS", "feed.*=staging.example")
	var got []string
	conn := recorder{options: func(opts []grpc.CallOption) { got = append(got, authorityIn(opts)) }}
	stub := feed.NewRedisStreamStub(conn)
	for _, err := range stub.Sub(t.Context(), nil) {
		_ = err // there is no connection
	}
	for _, err := range stub.Dump(t.Context(), nil) {
		_ = err
	}
	if len(got) != 2 || got[0] != "staging.example" || got[1] != "staging.example" {
		t.Errorf("hosts = %q, want staging.example twice", got)
	}
}

func TestInvalidEnvironment(t *testing.T) {
	s, conn := start(t)
	for value, text := range map[string]string{
		"squarerpc_service.SquareService=a b": `environment variable GOHOST_HOSTS: entry "squarerpc_service.SquareService=a b": invalid host "a b"`,
		"squarerpc_service.*=":                `environment variable GOHOST_HOSTS: entry "squarerpc_service.*=": invalid host ""`,
		"nonsense":                            `environment variable GOHOST_HOSTS: entry "nonsense"`,
	} {
		t.Setenv("GOHOST_HOSTS", value)
		stub := squares.NewSquareServiceStub(conn)
		checkCodes(t, stub, codes.Internal, text)
		checkCodes(t, stub.With(grpc.WaitForReady(true)), codes.Internal, text)
		if seen := s.seen(); len(seen) > 0 {
			t.Errorf("%q: calls have reached the server, for %q", value, seen)
		}
		// A stub that names a host ignores the environment.
		checkAnswers(t, squares.NewSquareServiceStub(conn).With(grpc.CallAuthority("a.example")), 0)
		checkSeen(t, s, "a.example")
	}
	t.Setenv("GOHOST_HOSTS", "other.Service=a b")
	checkAnswers(t, squares.NewSquareServiceStub(conn), 0)
	checkSeen(t, s, "square.example")
}

// The host is sent with a call, but never changes its destination.
func TestHostDoesNotChangeTheAddress(t *testing.T) {
	t.Parallel()
	s := new(server)
	listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, s) })
	var dialled []string
	conn, err := grpc.NewClient("passthrough:///proxy.example:443",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) {
			dialled = append(dialled, addr)
			return listener.DialContext(ctx)
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // all calls have ended
	stub := squares.NewSquareServiceStub(conn)
	for _, host := range []string{"a.example", "169.254.169.254", "localhost:22", "[::1]:80"} {
		checkAnswers(t, stub.With(grpc.CallAuthority(host)), 0)
		checkSeen(t, s, host)
	}
	if len(dialled) != 1 || dialled[0] != "proxy.example:443" {
		t.Errorf("dialled %q, want proxy.example:443 once", dialled)
	}
}

// An error names the host of the call, and is otherwise unchanged.
func TestErrorsNameTheHost(t *testing.T) {
	t.Parallel()
	refused, err := status.New(codes.Unimplemented, "unexpected HTTP status code 404").WithDetails(&squares.Message{Message: 7})
	if err != nil {
		t.Fatal(err)
	}
	conn := inmemory.Connect(t, func(r grpc.ServiceRegistrar) {
		squares.RegisterSquareService(r, squares.UnimplementedSquareService{})
	}, grpc.UnaryInterceptor(func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
		return nil, refused.Err()
	}), grpc.StreamInterceptor(func(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error {
		return refused.Err()
	}))
	stub := squares.NewSquareServiceStub(conn)
	const text = "rpc error: code = Unimplemented desc = unexpected HTTP status code 404"
	for i, err := range checkCodes(t, stub, codes.Unimplemented, text) {
		if want := text + " (host square.example)"; err.Error() != want {
			t.Errorf("call %d: %q, want %q", i, err, want)
		}
		got := status.Convert(err)
		if got.Message() != refused.Message() || len(got.Details()) != 1 || got.Details()[0].(*squares.Message).GetMessage() != 7 {
			t.Errorf("call %d: status = %v with %v, want it as the server has sent it", i, got, got.Details())
		}
		var grpcStatus interface{ GRPCStatus() *status.Status }
		if !errors.Is(err, refused.Err()) || !errors.As(err, &grpcStatus) {
			t.Errorf("call %d: errors.Is = %v, errors.As = %v; want both", i, errors.Is(err, refused.Err()), grpcStatus)
		}
	}
	// The stub does not know the authority of the channel.
	for i, err := range checkCodes(t, stub.With(grpc.CallAuthority("")), codes.Unimplemented, text) {
		if err.Error() != text {
			t.Errorf("call %d: %q, want %q", i, err, text)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i, err := range callErrors(ctx, stub) {
		if status.Code(err) != codes.Canceled {
			t.Errorf("call %d: %v, want Canceled", i, err)
		}
	}
}

func callErrors(ctx context.Context, service squares.SquareService) []error {
	_, errs := callAll(ctx, service)
	return errs
}

// The wrapped error of an interceptor can still be found.
func TestErrorsOfInterceptors(t *testing.T) {
	t.Parallel()
	mine := errors.New("mine")
	conn := recorder{fail: mine}
	for i, err := range callErrors(t.Context(), squares.NewSquareServiceStub(conn)) {
		if !errors.Is(err, mine) || status.Code(err) != codes.Unknown || err.Error() != "mine (host square.example)" {
			t.Errorf("call %d: %v, want mine", i, err)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	start(t)
	if got := gohost.Lookup(squares.SquareServiceName); got == nil || got.Host != squares.SquareServiceHost {
		t.Errorf("Lookup = %v, want what square.proto declares", got)
	}
	if got := gohost.Lookup("no.Service"); got != nil {
		t.Errorf("Lookup = %v, want nil", got)
	}
}

// recorder is a connection that makes no call and fails all of them.
type recorder struct {
	options func([]grpc.CallOption) // may be nil
	fail    error
}

func authorityIn(opts []grpc.CallOption) string {
	authority := ""
	for _, opt := range opts {
		if a, ok := opt.(grpc.AuthorityOverrideCallOption); ok {
			authority = a.Authority
		}
	}
	return authority
}

func (r recorder) record(opts []grpc.CallOption) error {
	if r.options != nil {
		r.options(opts)
	}
	if r.fail != nil {
		return r.fail
	}
	return errors.New("the connection of a test")
}

func (r recorder) Invoke(_ context.Context, _ string, _, _ any, opts ...grpc.CallOption) error {
	return r.record(opts)
}

func (r recorder) NewStream(_ context.Context, _ *grpc.StreamDesc, _ string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, r.record(opts)
}

// grpc may put into a status what gohost keeps out of it. A gateway that must
// not tell it has to replace the status, as the documents say.
func TestWhatGRPCTellsOfHosts(t *testing.T) {
	t.Parallel()
	ca := certificate.NewAuthority(t)
	_, listener := startTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, "proxy.example")}})
	plain := credentials.NewTLS(&tls.Config{RootCAs: ca.Pool})
	down, err := grpc.NewClient("passthrough:///10.0.0.7:443", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(_ context.Context, address string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New(address + " is down")}
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer down.Close() //nolint:errcheck // no call is open
	imposter := inmemory.Dial(t, listener, grpc.WithTransportCredentials(plain), grpc.WithAuthority("other.example"))
	for what, test := range map[string]struct {
		stub squares.SquareServiceStub
		want []string
	}{
		"dial error":   {squares.NewSquareServiceStub(down), []string{"10.0.0.7:443"}},
		"other host":   {dialTLS(t, listener, plain).With(grpc.CallAuthority("lab.example")), []string{"lab.example", "proxy.example"}},
		"no handshake": {squares.NewSquareServiceStub(imposter), []string{"other.example", "proxy.example"}},
	} {
		for i, err := range callErrors(t.Context(), test.stub) {
			for _, want := range test.want {
				if s := status.Convert(err); s.Code() != codes.Unavailable || !strings.Contains(s.Message(), want) {
					t.Errorf("%s, call %d: status %v, want %s in it", what, i, s, want)
				}
			}
		}
	}
}
