package drain_test

import (
	"context"
	"iter"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	msg  = squares.Message
	msgs = iter.Seq2[*squares.Message, error]
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

// endless yields one message and waits for the end of its context.
func endless(ctx context.Context, req *msg) msgs {
	return func(yield func(*msg, error) bool) {
		if yield(req, nil) {
			<-ctx.Done()
			yield(nil, ctx.Err())
		}
	}
}

// world is a running server in a bubble.
type world struct {
	*drain.Server
	listener *bufconn.Listener
	end      context.CancelFunc // the end begins
	began    time.Time
	served   chan struct{} // closed when Serve has returned
	took     time.Duration // from the beginning of the end until then
	err      error         // of Serve
}

// serve serves impl until the test ends.
func serve(t *testing.T, opts drain.Options, impl squares.SquareService, serverOpts ...grpc.ServerOption) *world {
	t.Helper()
	server := drain.NewServer(insecure.NewCredentials(), opts, serverOpts...)
	squares.RegisterSquareService(server, impl)
	return start(t, server)
}

func start(t *testing.T, server *drain.Server) *world {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &world{Server: server, listener: bufconn.Listen(1 << 20), served: make(chan struct{})}
	w.end = sync.OnceFunc(func() {
		w.began = time.Now()
		cancel()
	})
	go func() {
		defer close(w.served)
		w.err = server.Serve(ctx, w.listener)
		w.took = time.Since(w.began)
	}()
	t.Cleanup(func() {
		cancel()
		<-w.served
	})
	return w
}

func (w *world) dial(t *testing.T, opts ...grpc.DialOption) squares.SquareServiceStub {
	t.Helper()
	return squares.NewSquareServiceStub(inmemory.Dial(t, w.listener, opts...))
}

// wantEnd waits for the end of the server, and checks how long it took.
func (w *world) wantEnd(t *testing.T, least, most time.Duration) {
	t.Helper()
	<-w.served
	if w.err != nil {
		t.Errorf("Serve: %v", w.err)
	}
	if w.took < least || w.took > most {
		t.Errorf("the server ended after %v, want %v to %v", w.took, least, most)
	}
}

func wantCode(t *testing.T, what string, err error, want codes.Code) {
	t.Helper()
	if status.Code(err) != want {
		t.Errorf("%s: error %v, want the code %v", what, err, want)
	}
}

// wantReopen checks that err asks the client to open the stream again
// immediately.
func wantReopen(t *testing.T, what string, err error) {
	t.Helper()
	want := status.Convert(drain.ErrReopen)
	got := status.Convert(err)
	if got.Code() != want.Code() || got.Message() != want.Message() || len(got.Details()) != 1 {
		t.Errorf("%s: error %v with %v, want %v", what, err, got.Details(), want)
	}
}

// ended ranges seq on a goroutine. begun is closed at the first message, and
// end gets the error at the end.
func ended(seq msgs) (begun <-chan struct{}, end <-chan error) {
	first, last := make(chan struct{}), make(chan error, 1)
	go func() {
		begin := sync.OnceFunc(func() { close(first) })
		for _, err := range seq {
			if err != nil {
				last <- err
			}
			begin()
		}
		begin()
		close(last)
	}()
	return first, last
}

// listen returns a listener on loopback.
func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}
