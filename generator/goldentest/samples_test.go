package goldentest

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

type calServer struct{ calculator.UnimplementedCal }

func (calServer) Add(_ context.Context, req *calculator.AddRequest) (*calculator.ResultReply, error) {
	return &calculator.ResultReply{Number: req.GetNumber1() + req.GetNumber2()}, nil
}

func TestCalculator(t *testing.T) {
	t.Parallel()
	var path string
	conn := inmemory.Connect(t, func(s grpc.ServiceRegistrar) { calculator.RegisterCal(s, calServer{}) },
		grpc.UnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			path = info.FullMethod
			if _, ok := info.Server.(calServer); !ok {
				t.Errorf("info.Server = %T, want the implementation", info.Server)
			}
			return handler(ctx, req)
		}))
	cal := calculator.NewCalStub(conn)
	got, err := cal.Add(t.Context(), &calculator.AddRequest{Number1: 3, Number2: 4})
	if err != nil || got.GetNumber() != 7 {
		t.Errorf("Add = %v, %v; want 7", got, err)
	}
	if path != "/Cal/Add" {
		t.Errorf("path on the wire = %q, want /Cal/Add", path)
	}
	if calculator.CalName != "Cal" || calculator.CalHost != "" || calculator.Cal_Multiply_Method != "/Cal/Multiply" {
		t.Errorf("constants: %q, %q, %q", calculator.CalName, calculator.CalHost, calculator.Cal_Multiply_Method)
	}
	if _, err := cal.Multiply(t.Context(), &calculator.MultiplyRequest{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("Multiply, which is not implemented: %v", err)
	}
	// Other stubs send the same.
	res := new(calculator.ResultReply)
	err = conn.Invoke(t.Context(), "/Cal/Add", &calculator.AddRequest{Number1: 1}, res)
	if err != nil || res.GetNumber() != 1 {
		t.Errorf("Invoke = %v, %v; want 1", res, err)
	}
}

type squareServer struct{}

func square(req *squares.Message) (*squares.Message, error) {
	if req.GetMessage() < 0 {
		return nil, status.Error(codes.InvalidArgument, "negative")
	}
	return &squares.Message{Message: req.GetMessage() * req.GetMessage()}, nil
}

func (squareServer) Square(_ context.Context, req *squares.Message) (*squares.Message, error) {
	return square(req)
}

func (squareServer) RangeSquare(_ context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for i := 1.0; i <= req.GetMessage(); i++ {
			if !yield(square(&squares.Message{Message: i})) {
				return
			}
		}
	}
}

func (squareServer) SumSquare(_ context.Context, reqs iter.Seq2[*squares.Message, error]) (*squares.Message, error) {
	sum := new(squares.Message)
	for res, err := range stream.Map(reqs, square) {
		if err != nil {
			return nil, err
		}
		sum.Message += res.GetMessage()
	}
	return sum, nil
}

func (squareServer) StreamrangeSquare(_ context.Context, reqs iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	return stream.Map(reqs, square)
}

// numbers returns a sequence of messages.
func numbers(values ...float64) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for _, v := range values {
			if !yield(&squares.Message{Message: v}, nil) {
				return
			}
		}
	}
}

// values returns the numbers of a sequence of messages, and its error.
func values(seq iter.Seq2[*squares.Message, error]) ([]float64, error) {
	return stream.Collect(stream.Map(seq, func(m *squares.Message) (float64, error) { return m.GetMessage(), nil }))
}

// Both sides have one interface: the same test runs with the server, with its
// stub, and with a server that passes everything on to another.
func TestSquares(t *testing.T) {
	t.Parallel()
	server := func(impl squares.SquareService) squares.SquareService {
		return squares.NewSquareServiceStub(inmemory.Connect(t, func(s grpc.ServiceRegistrar) { squares.RegisterSquareService(s, impl) }))
	}
	services := map[string]squares.SquareService{
		"in process":      squareServer{},
		"stub":            server(squareServer{}),
		"stub of gateway": server(server(squareServer{})),
	}
	for name, service := range services {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testSquares(t, service)
		})
	}
}

func testSquares(t *testing.T, service squares.SquareService) {
	t.Helper()
	ctx := t.Context()
	res, err := service.Square(ctx, &squares.Message{Message: 12})
	if err != nil || res.GetMessage() != 144 {
		t.Errorf("Square(12) = %v, %v; want 144", res, err)
	}
	_, err = service.Square(ctx, &squares.Message{Message: -1})
	checkCode(t, "Square(-1)", err, codes.InvalidArgument)

	checkValues(t, "RangeSquare(4)", service.RangeSquare(ctx, &squares.Message{Message: 4}), codes.OK, 1, 4, 9, 16)
	checkValues(t, "RangeSquare(0)", service.RangeSquare(ctx, &squares.Message{}), codes.OK)

	res, err = service.SumSquare(ctx, numbers(1, 2, 3))
	if err != nil || res.GetMessage() != 14 {
		t.Errorf("SumSquare(1, 2, 3) = %v, %v; want 14", res, err)
	}
	_, err = service.SumSquare(ctx, numbers(1, -2, 3))
	checkCode(t, "SumSquare(1, -2, 3)", err, codes.InvalidArgument)

	checkValues(t, "StreamrangeSquare(1, 2, 3)", service.StreamrangeSquare(ctx, numbers(1, 2, 3)), codes.OK, 1, 4, 9)
	checkValues(t, "StreamrangeSquare()", service.StreamrangeSquare(ctx, numbers()), codes.OK)
	checkValues(t, "StreamrangeSquare(1, -2, 3)", service.StreamrangeSquare(ctx, numbers(1, -2, 3)), codes.InvalidArgument, 1)
}

func checkCode(t *testing.T, call string, err error, want codes.Code) {
	t.Helper()
	if status.Code(err) != want {
		t.Errorf("%s: error %v, want the code %v", call, err, want)
	}
}

func checkValues(t *testing.T, call string, seq iter.Seq2[*squares.Message, error], code codes.Code, want ...float64) {
	t.Helper()
	got, err := values(seq)
	checkCode(t, call, err, code)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", call, diff)
	}
}

type greeterServer struct{}

func (greeterServer) SayHello(_ context.Context, req *greeter.HelloRequest) (*greeter.HelloReply, error) {
	return &greeter.HelloReply{Message: "Hello " + req.GetName()}, nil
}

func (greeterServer) SayHelloStreamReply(_ context.Context, req *greeter.HelloRequest) iter.Seq2[*greeter.HelloReply, error] {
	return stream.Generate(func(send func(*greeter.HelloReply) error) error {
		for i := range 3 {
			if err := send(&greeter.HelloReply{Message: fmt.Sprintf("Hello %s, %d", req.GetName(), i)}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s greeterServer) SayHelloBidiStream(ctx context.Context, reqs iter.Seq2[*greeter.HelloRequest, error]) iter.Seq2[*greeter.HelloReply, error] {
	return stream.Map(reqs, func(req *greeter.HelloRequest) (*greeter.HelloReply, error) { return s.SayHello(ctx, req) })
}

func (greeterServer) SayHelloStream2(_ context.Context, req *greeter.HelloRequest) iter.Seq2[*greeter.GreetingMessage, error] {
	return stream.Of(
		&greeter.GreetingMessage{Greeting: &greeter.GreetingMessage_First{First: &greeter.FirstGreeting{Message: "Hello " + req.GetName()}}},
		&greeter.GreetingMessage{Greeting: &greeter.GreetingMessage_Timer{Timer: &greeter.TimerGreeting{Count: 1}}},
		&greeter.GreetingMessage{Greeting: &greeter.GreetingMessage_Goodbye{Goodbye: &greeter.GoodbyeGreeting{Message: "Bye"}}},
	)
}

func TestGreeter(t *testing.T) {
	t.Parallel()
	stub := greeter.NewGreeterStub(inmemory.Connect(t, func(s grpc.ServiceRegistrar) { greeter.RegisterGreeter(s, greeterServer{}) }))
	ada := &greeter.HelloRequest{Name: "Ada"}
	res, err := stub.SayHello(t.Context(), ada)
	if err != nil || res.GetMessage() != "Hello Ada" {
		t.Errorf("SayHello = %v, %v", res, err)
	}
	// The stub receives what the implementation yields.
	checkSame(t, stub.SayHelloStreamReply(t.Context(), ada), greeterServer{}.SayHelloStreamReply(t.Context(), ada))
	checkSame(t, stub.SayHelloStream2(t.Context(), ada), greeterServer{}.SayHelloStream2(t.Context(), ada))
	checkSame(t, stub.SayHelloBidiStream(t.Context(), stream.Of(ada, ada)), greeterServer{}.SayHelloBidiStream(t.Context(), stream.Of(ada, ada)))
}

// checkSame checks that both sequences have the same messages, at least one,
// and no error.
func checkSame[M any](t *testing.T, got, want iter.Seq2[M, error]) {
	t.Helper()
	gotMsgs, err := stream.Collect(got)
	if err != nil {
		t.Error(err)
	}
	wantMsgs, err := stream.Collect(want)
	if err != nil || len(wantMsgs) == 0 {
		t.Errorf("wanted are %v, %v", wantMsgs, err)
	}
	if diff := cmp.Diff(wantMsgs, gotMsgs, protocmp.Transform()); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

type feedServer struct{ feed.UnimplementedRedisStream }

func (feedServer) Sub(_ context.Context, req *feed.SubRequest) iter.Seq2[*feed.Entry, error] {
	return stream.Of(&feed.Entry{Id: req.GetLastId() + "1", Values: map[string]string{"stream": req.GetStream()}})
}

func TestFeed(t *testing.T) {
	t.Parallel()
	stub := feed.NewRedisStreamStub(inmemory.Connect(t, func(s grpc.ServiceRegistrar) { feed.RegisterRedisStream(s, feedServer{}) }))
	req := &feed.SubRequest{Stream: "s", LastId: "0-"}
	checkSame(t, stub.Sub(t.Context(), req), feedServer{}.Sub(t.Context(), req))
	_, err := stream.Collect(stub.Dump(t.Context(), req))
	checkCode(t, "Dump, which is not implemented", err, codes.Unimplemented)
	if feed.RedisStreamHost != "feed.example" || feed.RedisStream_Dump_Host != "bulk.feed.example" {
		t.Errorf("hosts: %q, %q", feed.RedisStreamHost, feed.RedisStream_Dump_Host)
	}
}
