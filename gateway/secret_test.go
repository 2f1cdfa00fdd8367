package gateway_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
)

// secrets are texts that no client may see.
var secrets = []string{upstreamHost, "backend-7", "10.0.0.7"}

func namesSecret(text string) bool {
	for _, secret := range secrets {
		if strings.Contains(strings.ToLower(text), secret) {
			return true
		}
	}
	return false
}

// backend is the address of an upstream, in errors.
var backend = &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 8443}

func dialing(err error) grpc.DialOption {
	return grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: backend, Err: err}
	})
}

// handshaking are credentials whose handshake fails.
type handshaking struct {
	credentials.TransportCredentials
}

func (handshaking) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("x509: certificate is valid for backend-7.internal")
}

func (h handshaking) Clone() credentials.TransportCredentials { return h }

// token are per-RPC credentials that fail.
type token struct{}

func (token) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return nil, errors.New("no token for backend-7")
}

func (token) RequireTransportSecurity() bool { return false }

// intercepted returns options with a client interceptor that fails.
func intercepted(err error) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithUnaryInterceptor(func(context.Context, string, any, any, *grpc.ClientConn, grpc.UnaryInvoker, ...grpc.CallOption) error {
			return err
		}),
		grpc.WithStreamInterceptor(func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, grpc.Streamer, ...grpc.CallOption) (grpc.ClientStream, error) {
			return nil, err
		}),
	}
}

// failingToSend are options with a client interceptor that fails later.
var failingToSend = []grpc.DialOption{
	intercepted(errUnsent)[0],
	grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		cs, err := streamer(ctx, desc, cc, method, opts...)
		return unsent{cs}, err
	}),
}

var errUnsent = errors.New("the journal of backend-7 is full")

type unsent struct{ grpc.ClientStream }

func (unsent) SendMsg(any) error { return errUnsent }

// page is a web server that answers every request with an error page instead of gRPC.
func page(t *testing.T, code int) grpc.DialOption {
	t.Helper()
	h2c := new(http.Protocols)
	h2c.SetUnencryptedHTTP2(true)
	conns := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Protocols: h2c, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "text/html; of=backend-7")
		w.WriteHeader(code)
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(conns)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return grpc.WithContextDialer(conns.dial)
}

// listener accepts the other ends of dialed connections.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return backend }

func (l *listener) dial(ctx context.Context, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// broken is a connection whose errors contain its address, like those of TCP.
type broken struct {
	net.Conn
	err error
}

var breaks = map[string]error{
	"by its address": &net.OpError{Op: "read", Net: "tcp", Source: backend, Addr: backend, Err: errors.New("connection reset by peer")},
	"by its name":    errors.New("the tunnel to backend-7 has collapsed"),
}

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if err != nil {
		err = b.err
	}
	return n, err
}

func TestNothingIsToldOfBackends(t *testing.T) {
	t.Parallel()
	detailed := func(code codes.Code, text, detail string) error {
		s, err := status.New(code, text).WithDetails(
			&errdetails.ErrorInfo{Reason: "WHERE", Metadata: map[string]string{"at": detail}}, &errdetails.ErrorInfo{Reason: "WHY"})
		if err != nil {
			t.Fatal(err)
		}
		return s.Err()
	}
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		setup   setup
		page    int // the HTTP status of a web page
		timeout time.Duration
		want    codes.Code
		details int
		silent  bool // the gateway itself does not learn it either
	}{
		"no listener": {setup: setup{dial: []grpc.DialOption{dialing(errors.New("connection refused"))}}, want: codes.Unavailable},
		"no listener, and the call waits": {
			setup:   setup{dial: []grpc.DialOption{dialing(errors.New("connection refused")), grpc.WithDefaultCallOptions(grpc.WaitForReady(true))}},
			timeout: time.Minute, want: codes.DeadlineExceeded,
		},
		"the handshake fails": {
			setup: setup{dial: []grpc.DialOption{grpc.WithTransportCredentials(handshaking{credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})})}},
			want:  codes.Unavailable,
		},
		"there is no token":              {setup: setup{dial: []grpc.DialOption{grpc.WithPerRPCCredentials(token{})}}, want: codes.Unauthenticated},
		"an interceptor fails":           {setup: setup{dial: intercepted(errors.New("the circuit of backend-7 is open"))}, want: codes.Unknown},
		"an interceptor gives a status":  {setup: setup{dial: intercepted(status.Error(codes.Aborted, "backend-7 is busy"))}, want: codes.Aborted},
		"an interceptor gives a context": {setup: setup{dial: intercepted(context.DeadlineExceeded)}, want: codes.DeadlineExceeded, silent: true},
		"an interceptor fails to send":   {setup: setup{dial: failingToSend}, want: codes.Unknown},
		"a proxy has no route":           {page: http.StatusNotFound, want: codes.Unimplemented},
		"a proxy has no backend":         {page: http.StatusBadGateway, want: codes.Unavailable},
		"a proxy tells the address": {
			setup: setup{upstream: failing(0, status.Error(codes.Unavailable, "upstream connect error, remote address:10.0.0.7:8443"))},
			want:  codes.Unavailable,
		},
		"the host is not served": {
			setup: setup{upstream: squarer, upstreamServer: []grpc.ServerOption{grpc.UnaryInterceptor(check.Unary), grpc.StreamInterceptor(check.Stream)}},
			want:  codes.Unimplemented,
		},
		"a status names the host":         {setup: setup{upstream: failing(0, status.Error(codes.NotFound, "nothing at LAB.internal:443."))}, want: codes.NotFound},
		"a status names it behind a word": {setup: setup{upstream: failing(0, status.Error(codes.NotFound, "not collab.internal, lab.internal"))}, want: codes.NotFound},
		"a status names the target":       {setup: setup{upstream: failing(0, status.Error(codes.NotFound, "nothing at backend-7.internal"))}, want: codes.NotFound},
		"a status names a view": {
			setup: setup{host: publicHost, upstream: failing(0, status.Error(codes.NotFound, "nothing at lab.internal")), view: func(cc *grpc.ClientConn) grpc.ClientConnInterface {
				return gohost.Conn(cc, upstreamHost)
			}},
			want: codes.NotFound,
		},
		"a status names an option of a view": {
			setup: setup{host: publicHost, upstream: failing(0, status.Error(codes.NotFound, "nothing at lab.internal")), view: func(cc *grpc.ClientConn) grpc.ClientConnInterface {
				return gohost.Conn(cc, publicHost, gohost.Host(upstreamHost))
			}},
			want: codes.NotFound,
		},
		"a status names the target behind a view": {
			setup: setup{upstream: failing(0, status.Error(codes.NotFound, "nothing at backend-7.internal")), view: func(cc *grpc.ClientConn) grpc.ClientConnInterface {
				return gohost.Conn(cc, publicHost)
			}},
			want: codes.NotFound,
		},
		"a detail names the host": {setup: setup{upstream: failing(0, detailed(codes.NotFound, "nothing there", upstreamHost))}, want: codes.NotFound, details: 1},
		"a detail names the target, behind a message": {
			setup: setup{upstream: failing(1, detailed(codes.NotFound, "nothing there", upstreamAddr))},
			want:  codes.NotFound, details: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, m mode, k kind) {
				test := test
				if test.setup.upstream == nil {
					test.setup.upstream = squarer
				}
				if test.page != 0 {
					test.setup.dial = []grpc.DialOption{page(t, test.page)}
				}
				ctx := t.Context()
				if test.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.timeout)
					defer cancel()
				}
				o := k.call(ctx, test.setup.start(t, m).client, 3)
				wantSilent(t, o, test.want)
				if n := len(status.Convert(o.err).Details()); n != test.details {
					t.Errorf("%d details, want %d", n, test.details)
				}
				told := make(chan error, 1)
				test.setup.register = decorated(func(err error) { told <- err })
				wantSilent(t, k.call(ctx, test.setup.start(t, m).client, 3), test.want)
				if test.timeout > 0 {
					return // at a deadline the gateway's own error may be that of the context
				}
				if err := <-told; !test.silent && !namesSecret(err.Error()) {
					t.Errorf("the error in the gateway is %q, want all of it", err)
				} else if status.Code(err) != test.want {
					t.Errorf("the error in the gateway is %q, want the code %v", err, test.want)
				}
			})
		})
	}
}

func wantSilent(t *testing.T, o outcome, want codes.Code) {
	t.Helper()
	wantCode(t, o.err, want)
	if s := status.Convert(o.err); namesSecret(o.err.Error()) || namesSecret(s.Proto().String()) || s.Message() == "" {
		t.Errorf("the client gets %v", s.Proto())
	}
	for _, md := range []metadata.MD{o.header, o.trailer} {
		for key, values := range md {
			if namesSecret(key) || namesSecret(strings.Join(values, "|")) {
				t.Errorf("the client gets %s = %q", key, values)
			}
		}
	}
}

// The error of a connection that breaks contains its address, whenever it
// breaks.
func TestNothingIsToldOfConnectionsThatBreak(t *testing.T) {
	t.Parallel()
	for name, begun := range map[string]func(ctx context.Context, send func(*msg) bool){
		"at once":          func(context.Context, func(*msg) bool) {},
		"behind a header":  func(ctx context.Context, _ func(*msg) bool) { _ = grpc.SendHeader(ctx, metadata.MD{}) },
		"behind a message": func(_ context.Context, send func(*msg) bool) { send(num(1)) },
	} {
		for way, breaks := range breaks {
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				each(t, func(t *testing.T, m mode, k kind) {
					told := make(chan error, 1)
					var w world
					s := setup{
						upstream: service(func(ctx context.Context, _ msgs, send func(*msg) bool) error {
							begun(ctx, send)
							time.Sleep(time.Second) // until that has come
							w.cut()
							<-ctx.Done()
							return ctx.Err()
						}),
						wrap: func(conn net.Conn) net.Conn { return broken{conn, breaks} },
					}
					if m.opts == nil {
						s.register = decorated(func(err error) { told <- err })
					} else {
						close(told)
					}
					w = s.start(t, m)
					wantSilent(t, k.call(t.Context(), w.client, 3), codes.Unavailable)
					if err, ok := <-told; ok && !namesSecret(err.Error()) {
						t.Errorf("the error in the gateway is %q, want all of it", err)
					}
				})
			})
		}
	}
}

// A host that the client has named itself is not hidden from it, and neither is
// a longer word that contains a host.
func TestWhatAClientKnowsIsNotHidden(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		want := "nothing at lab.internal, except xlab.internal, lab.internals, lab.internal-x and backend-70.internal"
		w := setup{upstream: failing(0, status.Error(codes.NotFound, want))}.start(t, m)
		o := k.call(t.Context(), w.client.With(gohost.Host("LAB.internal:443")), 3)
		if got := status.Convert(o.err).Message(); got != want {
			t.Errorf("the message is %q, want %q", got, want)
		}
		w = setup{upstream: failing(0, status.Error(codes.NotFound, strings.ReplaceAll(want, "at lab.internal,", "there,")))}.start(t, m)
		if got := status.Convert(k.call(t.Context(), w.client, 3).err).Message(); !strings.HasPrefix(got, "nothing there") {
			t.Errorf("the message is %q", got)
		}
	})
}
