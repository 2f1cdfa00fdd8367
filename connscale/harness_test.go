package connscale_test

import (
	"context"
	"io"
	"iter"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	msg  = squares.Message
	msgs = iter.Seq2[*squares.Message, error]
)

// square is a SquareService. Its RangeSquare streams yield one message and last until
// the client leaves.
type square struct {
	squares.UnimplementedSquareService
}

func (square) Square(_ context.Context, req *msg) (*msg, error) { return req, nil }

func (square) RangeSquare(ctx context.Context, req *msg) msgs {
	return func(yield func(*msg, error) bool) {
		if yield(req, nil) {
			<-ctx.Done()
		}
	}
}

// bubble runs f in a synctest bubble, with a network of its own.
func bubble(t *testing.T, f func(t *testing.T, n *network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newNetwork()) })
}

// client returns a client of the server at "server". When the test ends, client checks
// that all of its calls have ended, and closes it.
func (n *network) client(t *testing.T, opts connscale.Options, dialOpts ...grpc.DialOption) *connscale.Client {
	t.Helper()
	return n.clientOf(t, "passthrough:///server", opts, dialOpts...)
}

func (n *network) clientOf(t *testing.T, target string, opts connscale.Options, dialOpts ...grpc.DialOption) *connscale.Client {
	t.Helper()
	client, err := connscale.NewClient(target, insecure.NewCredentials(), opts, append(dialOpts, n.dialer())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		synctest.Wait()
		wantQuiet(t, client)
		_ = client.Close() // a test may have closed it
		if got := client.Stats(); len(got.Connections) > 0 || got.Waiting > 0 || client.Policies() > 0 {
			t.Errorf("the client is closed, but has %+v and %d policies", got, client.Policies())
		}
	})
	return client
}

// resolved returns a resolver that finds a server at each of the addresses, and the
// target that it resolves.
func resolved(addresses ...string) (r *manual.Resolver, target string) {
	r = manual.NewBuilderWithScheme("test")
	r.InitialState(endpoints(addresses...))
	return r, "test:///servers"
}

// endpoints returns a resolver state with one endpoint per address.
func endpoints(addresses ...string) resolver.State {
	var state resolver.State
	for _, address := range addresses {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: address}) // for old children
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: address}}})
	}
	return state
}

// wantQuiet checks that client has no calls.
func wantQuiet(t *testing.T, client *connscale.Client) {
	t.Helper()
	stats := client.Stats()
	if stats.Waiting > 0 {
		t.Errorf("%d calls are counted as waiting, want none", stats.Waiting)
	}
	for _, c := range stats.Connections {
		if c.Streams != 0 {
			t.Errorf("%d streams of a connection to %s are in use, want none", c.Streams, c.Address)
		}
	}
}

// streams returns how many streams of each connection are in use.
func streams(client *connscale.Client) []int {
	var streams []int
	for _, c := range client.Stats().Connections {
		streams = append(streams, c.Streams)
	}
	return streams
}

// wantStreams checks the number of connections and the streams in use on each.
func wantStreams(t *testing.T, when string, client *connscale.Client, want ...int) {
	t.Helper()
	if got := streams(client); !slices.Equal(got, want) {
		t.Errorf("%s: the connections have %v streams, want %v", when, got, want)
	}
}

func wantWaiting(t *testing.T, when string, client *connscale.Client, want int) {
	t.Helper()
	if got := client.Stats().Waiting; got != want {
		t.Errorf("%s: %d calls wait, want %d", when, got, want)
	}
}

// stream is a call that runs until the test ends it.
type stream struct {
	stream grpc.ClientStream
	cancel context.CancelFunc
}

var rangeSquare = &grpc.StreamDesc{ServerStreams: true}

// open opens a stream, and returns when its first message has arrived.
func open(ctx context.Context, cc grpc.ClientConnInterface, opts ...grpc.CallOption) (*stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{cancel: cancel}
	err := s.begin(ctx, cc, opts...)
	if err != nil {
		cancel()
		return nil, err
	}
	return s, nil
}

func (s *stream) begin(ctx context.Context, cc grpc.ClientConnInterface, opts ...grpc.CallOption) error {
	if err := s.send(ctx, cc, opts...); err != nil {
		return err
	}
	return s.stream.RecvMsg(&msg{})
}

func (s *stream) send(ctx context.Context, cc grpc.ClientConnInterface, opts ...grpc.CallOption) (err error) {
	if s.stream, err = cc.NewStream(ctx, rangeSquare, squares.SquareService_RangeSquare_Method, opts...); err != nil {
		return err
	}
	if err := s.stream.SendMsg(&msg{}); err != nil && err != io.EOF { // EOF: RecvMsg has the error
		return err
	}
	return s.stream.CloseSend()
}

// end ends the stream, and returns when it has ended completely.
func (s *stream) end() {
	s.cancel()
	_ = s.wait()
}

// wantEnd cancels the stream, and checks how it ends: with Canceled, unless it has
// ended before.
func (s *stream) wantEnd(t *testing.T, want codes.Code) {
	t.Helper()
	s.cancel()
	if err := s.wait(); status.Code(err) != want {
		t.Errorf("a stream ends with the error %v, want %v", err, want)
	}
}

// wait waits until the stream ends, and returns its error.
func (s *stream) wait() error {
	for {
		if err := s.stream.RecvMsg(&msg{}); err != nil {
			return err
		}
	}
}

// on returns the connection of the stream: its address and its number among all
// connections.
func (s *stream) on(t *testing.T) string {
	t.Helper()
	p, ok := peer.FromContext(s.stream.Context())
	if !ok {
		t.Fatal("a stream has no connection")
	}
	return p.Addr.String()
}

// hold opens n streams, one after another. They run until they are ended or the test
// ends, but no longer than a day, so that the test fails if they do not begin.
func hold(t *testing.T, cc grpc.ClientConnInterface, n int) []*stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
	t.Cleanup(cancel)
	streams := make([]*stream, n)
	for i := range streams {
		s, err := open(ctx, cc)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.end)
		streams[i] = s
	}
	return streams
}

// later is a stream that may have to wait before it begins.
type later struct {
	*stream
	err   error
	begun chan struct{} // closed when stream or err is set
}

// holdLater opens a stream that runs until it is ended or the test ends. It returns
// when all goroutines are blocked.
func holdLater(t *testing.T, ctx context.Context, cc grpc.ClientConnInterface, opts ...grpc.CallOption) *later {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	l := &later{begun: make(chan struct{})}
	go func() {
		defer close(l.begun)
		l.stream, l.err = open(ctx, cc, opts...)
	}()
	t.Cleanup(func() {
		cancel()
		if <-l.begun; l.err == nil {
			l.end()
		}
	})
	synctest.Wait()
	return l
}

// has reports whether the stream has begun or failed.
func (l *later) has() bool {
	synctest.Wait()
	select {
	case <-l.begun:
		return true
	default:
		return false
	}
}

// wantBegun checks that the stream has begun.
func (l *later) wantBegun(t *testing.T, what string) {
	t.Helper()
	if !l.has() {
		t.Fatalf("%s: the stream has not begun", what)
	}
	if l.err != nil {
		t.Fatalf("%s: %v", what, l.err)
	}
}

// unary makes a unary call.
func unary(ctx context.Context, cc grpc.ClientConnInterface, opts ...grpc.CallOption) error {
	return cc.Invoke(ctx, squares.SquareService_Square_Method, &msg{}, &msg{}, opts...)
}

// wantUnary checks that a unary call succeeds without waiting.
func wantUnary(t *testing.T, when string, cc grpc.ClientConnInterface, opts ...grpc.CallOption) {
	t.Helper()
	begin := time.Now()
	if err := unary(t.Context(), cc, opts...); err != nil {
		t.Errorf("%s: a unary call: %v", when, err)
	}
	if took := time.Since(begin); took > 0 {
		t.Errorf("%s: a unary call took %v", when, took)
	}
}

// wantError checks the code and the message of a status.
func wantError(t *testing.T, what string, err error, code codes.Code, text string) {
	t.Helper()
	if s := status.Convert(err); s.Code() != code || s.Message() != text {
		t.Errorf("%s: error\n%v, want\n%v", what, err, status.New(code, text).Err())
	}
}

// plain returns a channel of grpc, which is closed when the test ends.
func (n *network) plain(t *testing.T, target string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	return n.byName(t, target, insecure.NewCredentials(), opts...)
}

// byName returns a channel of grpc whose service config should name the policy. It is
// closed when the test ends. nil creds are those of connscale.
func (n *network) byName(t *testing.T, target string, creds credentials.TransportCredentials, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	if creds == nil {
		var err error
		if creds, err = connscale.Credentials(insecure.NewCredentials()); err != nil {
			t.Fatal(err)
		}
	}
	channel, err := grpc.NewClient(target, append(opts, grpc.WithTransportCredentials(creds), n.dialer())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = channel.Close() })
	return channel
}
