package drain_test

import (
	"context"
	"fmt"
	"iter"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// ticker is a service whose streams are endless.
type ticker struct {
	squares.UnimplementedSquareService
	topic *stream.Topic[*squares.Message]
}

// RangeSquare ends when the server asks for it, and the client opens the
// stream again.
func (t ticker) RangeSquare(ctx context.Context, _ *squares.Message) iter.Seq2[*squares.Message, error] {
	return t.topic.Subscribe(drain.Context(ctx))
}

// StreamrangeSquare sends a last message.
func (t ticker) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for {
			select {
			case <-time.After(time.Second):
				if !yield(&squares.Message{Message: 1}, nil) {
					return
				}
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			case <-drain.Done(ctx):
				_ = yield(&squares.Message{Message: -1}, nil) && yield(nil, drain.ErrReopen)
				return
			}
		}
	}
}

// This server ends in an orderly way on Ctrl+C and on SIGTERM.
func ExampleNewServer() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	checks := health.NewServer()
	server := drain.NewServer(insecure.NewCredentials(), drain.Options{
		Grace:  5 * time.Second,
		MaxAge: 30 * time.Minute,
		Health: checks,
	})
	healthpb.RegisterHealthServer(server, checks)
	squares.RegisterSquareService(server, ticker{topic: new(stream.Topic[*squares.Message])})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	time.AfterFunc(time.Millisecond, stop) // here instead of a signal
	if err := server.Serve(ctx, listener); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ended")
	// Output: ended
}

// A handler with a last message. It also works on a server without this package: there
// drain.Done returns nil, which is never ready.
func ExampleDone() {
	handler := func(ctx context.Context, ticks <-chan time.Time) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for {
				select {
				case t, ok := <-ticks:
					if !ok || !yield(t.Format(time.TimeOnly), nil) {
						return
					}
				case <-drain.Done(ctx):
					_ = yield("goodbye", nil) && yield("", drain.ErrReopen)
					return
				case <-ctx.Done():
					yield("", ctx.Err())
					return
				}
			}
		}
	}
	ticks := make(chan time.Time, 1)
	ticks <- time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	close(ticks)
	for text, err := range handler(context.Background(), ticks) {
		fmt.Println(text, err)
	}
	// Output: 12:00:00 <nil>
}

// A handler without a last message: it follows a Topic. When its stream has reached the
// maximum age, the client gets ErrReopen. With stream.Resume it would open the stream again.
func ExampleContext() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	server := drain.NewServer(nil, drain.Options{MaxAge: time.Millisecond})
	// Its RangeSquare returns topic.Subscribe(drain.Context(ctx)).
	squares.RegisterSquareService(server, ticker{topic: new(stream.Topic[*squares.Message])})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()

	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close() //nolint:errcheck // all calls have ended
	for _, err := range squares.NewSquareServiceStub(conn).RangeSquare(context.Background(), &squares.Message{}) {
		fmt.Println(status.Convert(err).Message(), stream.Resumable(err))
	}
	stop()
	fmt.Println(<-served)
	// Output:
	// drain: the server asks to open the stream again true
	// <nil>
}

// This server over HTTP ends in the same way. Package gohostconnect registers
// its services, with the interceptors of ending.
func ExampleHTTP() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()

	ending := drain.NewHTTP(drain.Options{Grace: 5 * time.Second})
	_ = []grpc.UnaryServerInterceptor{ending.Unary}   // of gohostconnect.UnaryInterceptors
	_ = []grpc.StreamServerInterceptor{ending.Stream} // of gohostconnect.StreamInterceptors
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Minute}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	time.AfterFunc(time.Millisecond, stop) // here instead of a signal
	if err := ending.Serve(ctx, server, listener); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ended")
	// Output: ended
}
