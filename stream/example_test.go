package stream_test

import (
	"context"
	"fmt"
	"iter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// inProcess starts a server with what register registers. It returns a stub for
// it, and a function that ends both.
func inProcess(register func(grpc.ServiceRegistrar), opts ...grpc.ServerOption) (squares.SquareServiceStub, func()) {
	server := grpc.NewServer(opts...)
	register(server)
	listener := bufconn.Listen(1 << 16)
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///in-process",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		inmemory.Dialer(listener))
	if err != nil {
		return squares.SquareServiceStub{}, server.Stop
	}
	return squares.NewSquareServiceStub(conn), func() {
		_ = conn.Close()
		server.Stop()
	}
}

// counter answers RangeSquare until the caller leaves.
type counter struct {
	squares.UnimplementedSquareService
	left chan error
}

func (c counter) RangeSquare(ctx context.Context, _ *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		defer func() {
			<-ctx.Done() // grpc refuses messages just before it ends the context
			c.left <- ctx.Err()
		}()
		_ = grpc.SendHeader(ctx, metadata.Pairs("started", "yes"))
		for i := 1.0; yield(&squares.Message{Message: i * i}, nil); i++ {
		}
	}
}

// SumSquare treats the first request as a header, and the others as chunks.
func (counter) SumSquare(_ context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	var header *squares.Message
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		header = req
		break
	}
	if header == nil {
		return nil, status.Error(codes.InvalidArgument, "no header")
	}
	factor, sum := header.GetMessage(), 0.0
	for req, err := range reqs { // continues after the header
		if err != nil {
			return nil, err
		}
		sum += factor * req.GetMessage()
	}
	return &squares.Message{Message: sum}, nil
}

func registerCounter(r grpc.ServiceRegistrar) {
	squares.RegisterSquareService(r, counter{left: make(chan error, 1)})
}

// Leaving a loop ends the call: there is nothing to close, and the handler's
// deferred functions run.
func Example_leave() {
	left := make(chan error, 1)
	service, stop := inProcess(func(r grpc.ServiceRegistrar) {
		squares.RegisterSquareService(r, counter{left: left})
	})
	defer stop()

	for res, err := range service.RangeSquare(context.Background(), &squares.Message{}) {
		if err != nil {
			fmt.Println("error:", err)
			break
		}
		fmt.Println(res.GetMessage())
		if res.GetMessage() >= 9 {
			break
		}
	}
	fmt.Println("the handler has seen:", <-left)
	// Output:
	// 1
	// 4
	// 9
	// the handler has seen: context canceled
}

// A handler may range its requests twice: the second loop continues where the
// first one stopped.
func Example_headerThenChunks() {
	service, stop := inProcess(registerCounter)
	defer stop()

	header := &squares.Message{Message: 10}
	res, err := service.SumSquare(context.Background(), stream.Of(header,
		&squares.Message{Message: 1}, &squares.Message{Message: 2}, &squares.Message{Message: 3}))
	fmt.Println(res.GetMessage(), err)
	// Output: 60 <nil>
}

// An error of the producer cancels the call, so that the server cannot mistake
// half of the requests for all of them.
func Example_failingProducer() {
	service, stop := inProcess(registerCounter)
	defer stop()

	_, err := service.SumSquare(context.Background(), stream.Generate(func(send func(*squares.Message) error) error {
		if err := send(&squares.Message{Message: 1}); err != nil {
			return err
		}
		return fmt.Errorf("the disk is full")
	}))
	fmt.Println(err)
	// Output: the disk is full
}

func ExampleOnHeader() {
	service, stop := inProcess(registerCounter)
	defer stop()

	service = service.With(stream.OnHeader(func(header metadata.MD) {
		fmt.Println("started:", header.Get("started"))
	}))
	for res, err := range service.RangeSquare(context.Background(), &squares.Message{}) {
		fmt.Println(res.GetMessage(), err)
		break
	}
	// Output:
	// started: [yes]
	// 1 <nil>
}

func ExampleReuseMessages() {
	service, stop := inProcess(registerCounter)
	defer stop()

	var kept *squares.Message
	for res, err := range service.With(stream.ReuseMessages()).RangeSquare(context.Background(), &squares.Message{}) {
		if err != nil {
			fmt.Println("error:", err)
			break
		}
		if kept == nil {
			kept = proto.CloneOf(res) // the next iteration receives into res
			continue
		}
		fmt.Println(kept.GetMessage(), res.GetMessage())
		break
	}
	// Output: 1 4
}

func ExampleReuseRequests() {
	service, stop := inProcess(func(r grpc.ServiceRegistrar) {
		registerCounter(stream.ReuseRequests(r))
	})
	defer stop()

	res, err := service.SumSquare(context.Background(), stream.Of(
		&squares.Message{Message: 2}, &squares.Message{Message: 1}, &squares.Message{Message: 1}))
	fmt.Println(res.GetMessage(), err)
	// Output: 4 <nil>
}

// This client opens a stream, sends a request and falls silent.
func ExampleRequestsWithin() {
	service, stop := inProcess(registerCounter, stream.RequestsWithin(20*time.Millisecond))
	defer stop()

	_, err := stream.ScopeResult(context.Background(), func(ctx context.Context) (*squares.Message, error) {
		return service.SumSquare(ctx, stream.KeepOpen(ctx, stream.Of(&squares.Message{Message: 1})))
	})
	fmt.Println(err)
	fmt.Println("may be opened again:", stream.Resumable(err))
	// Output:
	// rpc error: code = DeadlineExceeded desc = stream: no request within 20ms (host square.example)
	// may be opened again: true
}

// This client opens a stream and sends nothing.
func ExampleFirstRequestWithin() {
	service, stop := inProcess(registerCounter, stream.FirstRequestWithin(20*time.Millisecond))
	defer stop()

	_, err := stream.ScopeResult(context.Background(), func(ctx context.Context) (*squares.Message, error) {
		return service.SumSquare(ctx, stream.KeepOpen(ctx, stream.Of[*squares.Message]()))
	})
	fmt.Println(err)
	// Output: rpc error: code = DeadlineExceeded desc = stream: no first request within 20ms (host square.example)
}
