// Package samples implements the services of testdata with gohost, for tests with
// clients of other implementations.
package samples

import (
	"context"
	"iter"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// Reports are what handlers saw of a call besides its messages, as "CASE: WHAT". The
// client names the case in its metadata.
type Reports struct{ lines sync.Map }

// Add adds a report.
func (r *Reports) Add(name, what string) { r.lines.Store(name+": "+what, true) }

// add adds a report about the call of a handler.
func (r *Reports) add(ctx context.Context, what string) {
	r.Add(strings.Join(metadata.ValueFromIncomingContext(ctx, "case"), " "), what)
}

// Await waits for a report.
func (r *Reports) Await(tb testing.TB, line string) {
	tb.Helper()
	proc.Wait(tb, line, func() bool { return r.Has(line) })
}

// Has reports whether there is such a report.
func (r *Reports) Has(line string) bool {
	_, ok := r.lines.Load(line)
	return ok
}

// Register registers the sample services.
func Register(r grpc.ServiceRegistrar, reports *Reports) {
	calculator.RegisterCal(r, calServer{})
	squares.RegisterSquareService(r, squareServer{reports})
	greeter.RegisterGreeter(r, greeterServer{reports})
	feed.RegisterRedisStream(r, feedServer{reports})
}

type calServer struct{}

func (calServer) Add(_ context.Context, req *calculator.AddRequest) (*calculator.ResultReply, error) {
	return result(int64(req.GetNumber1()) + int64(req.GetNumber2()))
}

func (calServer) Multiply(_ context.Context, req *calculator.MultiplyRequest) (*calculator.ResultReply, error) {
	return result(int64(req.GetNumber1()) * int64(req.GetNumber2()))
}

func result(n int64) (*calculator.ResultReply, error) {
	if n >= math.MinInt32 && n <= math.MaxInt32 {
		return &calculator.ResultReply{Number: int32(n)}, nil
	}
	s, err := status.Newf(codes.OutOfRange, "%d does not fit into 32 bits", n).WithDetails(&errdetails.ErrorInfo{
		Reason: "OVERFLOW", Domain: "calculator.example", Metadata: map[string]string{"number": strconv.FormatInt(n, 10)},
	})
	if err != nil {
		return nil, err
	}
	return nil, s.Err()
}

// Squares returns one of the services.
func Squares(reports *Reports) squares.SquareService { return squareServer{reports} }

type squareServer struct{ *Reports }

func (s squareServer) Square(ctx context.Context, req *squares.Message) (*squares.Message, error) {
	s.add(ctx, "host "+strings.Join(metadata.ValueFromIncomingContext(ctx, ":authority"), " "))
	return square(req)
}

func square(req *squares.Message) (*squares.Message, error) {
	if req.GetMessage() < 0 {
		return nil, status.Errorf(codes.InvalidArgument, "%v is negative", req.GetMessage())
	}
	return number(req.GetMessage() * req.GetMessage()), nil
}

func (s squareServer) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for n := 1.0; n <= req.GetMessage(); n++ {
			if !yield(square(number(n))) {
				s.add(ctx, "yield returned false")
				return
			}
		}
	}
}

func (s squareServer) SumSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := 0.0
	for req, err := range reqs {
		if status.Code(err) == codes.Canceled {
			s.add(ctx, "requests canceled")
		}
		if err != nil {
			return nil, err
		}
		if req.GetMessage() < 0 {
			s.add(ctx, "waits")
		}
		if req.GetMessage() == 0 {
			break // answers early
		}
		sum += req.GetMessage() * req.GetMessage()
	}
	return number(sum), nil
}

func (s squareServer) StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		defer s.add(ctx, "ended")
		for req, err := range reqs {
			if err == nil {
				req, err = square(req)
			}
			if !yield(req, err) || err != nil {
				return
			}
		}
	}
}

type greeterServer struct{ *Reports }

// greet returns the client's echo metadata in the header and the trailer.
func (s greeterServer) greet(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) > 0 {
		s.add(ctx, "has a deadline")
	}
	echoed := metadata.MD{}
	md, _ := metadata.FromIncomingContext(ctx)
	for key, values := range md {
		if strings.HasPrefix(key, "echo-") {
			echoed[key] = values
		}
	}
	if err := grpc.SendHeader(ctx, echoed); err != nil {
		return err
	}
	return grpc.SetTrailer(ctx, echoed)
}

// wait waits for the end of the call if the name asks for it, and returns the reason of
// the end.
func (s greeterServer) wait(ctx context.Context, req *greeter.HelloRequest) error {
	if req.GetName() != "wait" {
		return nil
	}
	s.add(ctx, "waits")
	<-ctx.Done()
	s.add(ctx, "canceled")
	return status.FromContextError(ctx.Err()).Err()
}

func hello(req *greeter.HelloRequest) (*greeter.HelloReply, error) {
	return &greeter.HelloReply{Message: "Hello " + req.GetName()}, nil
}

func (s greeterServer) SayHello(ctx context.Context, req *greeter.HelloRequest) (*greeter.HelloReply, error) {
	if err := s.greet(ctx); err != nil {
		return nil, err
	}
	if err := s.wait(ctx, req); err != nil {
		return nil, err
	}
	return hello(req)
}

func (s greeterServer) SayHelloStreamReply(ctx context.Context, req *greeter.HelloRequest) iter.Seq2[*greeter.HelloReply, error] {
	return func(yield func(*greeter.HelloReply, error) bool) {
		if err := s.greet(ctx); err != nil {
			yield(nil, err)
			return
		}
		if !yield(hello(req)) {
			return
		}
		if err := s.wait(ctx, req); err != nil {
			yield(nil, err)
			return
		}
		yield(hello(req))
	}
}

func (greeterServer) SayHelloBidiStream(_ context.Context, reqs iter.Seq2[*greeter.HelloRequest, error]) iter.Seq2[*greeter.HelloReply, error] {
	return stream.Map(reqs, hello)
}

func (greeterServer) SayHelloStream2(_ context.Context, req *greeter.HelloRequest) iter.Seq2[*greeter.GreetingMessage, error] {
	return stream.Of(Greetings(req.GetName())...)
}

// Greetings are the responses of SayHelloStream2.
func Greetings(name string) []*greeter.GreetingMessage {
	timer := func(count int64) *greeter.GreetingMessage {
		return &greeter.GreetingMessage{Greeting: &greeter.GreetingMessage_Timer{Timer: &greeter.TimerGreeting{Message: name, Count: count}}}
	}
	return []*greeter.GreetingMessage{
		{Greeting: &greeter.GreetingMessage_First{First: &greeter.FirstGreeting{Message: "Hello " + name}}},
		timer(1), timer(2),
		{Greeting: &greeter.GreetingMessage_Goodbye{Goodbye: &greeter.GoodbyeGreeting{Message: "Bye " + name}}},
	}
}

type feedServer struct{ *Reports }

// Entries are the entries of the feed.
var Entries = []*feed.Entry{
	{Id: "0-1", Values: map[string]string{"n": "1", "kind": "entry"}},
	{Id: "0-2", Values: map[string]string{"n": "2", "kind": "entry"}},
	{Id: "0-3", Values: map[string]string{"n": "3", "kind": "entry"}},
}

func (feedServer) Sub(_ context.Context, req *feed.SubRequest) iter.Seq2[*feed.Entry, error] {
	return func(yield func(*feed.Entry, error) bool) {
		for _, entry := range Entries {
			if entry.GetId() > req.GetLastId() && !yield(entry, nil) {
				return
			}
		}
	}
}

func (s feedServer) Dump(ctx context.Context, _ *feed.SubRequest) iter.Seq2[*feed.Entry, error] {
	s.add(ctx, "host "+strings.Join(metadata.ValueFromIncomingContext(ctx, ":authority"), " "))
	return stream.Of(Entries...)
}

func (feedServer) Len(context.Context, *feed.SubRequest) (*feed.Length, error) {
	return &feed.Length{Entries: int64(len(Entries))}, nil
}

func number(n float64) *squares.Message { return &squares.Message{Message: n} }
