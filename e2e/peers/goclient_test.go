package peers

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/python"
	"github.com/gohostrpc/gohost/e2e/internal/samples"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// peer is a server in another implementation, as a case sees it.
type peer struct {
	*grpc.ClientConn
	t   *testing.T
	ctx context.Context
	saw func(what string) // waits until the server has reported what for this case

	nginx bool // it is in front of the server
}

// goClientCases are the cases of our client.
var goClientCases = map[string]func(peer){
	"calculator":                         callCalculator,
	"squares of all four kinds":          callSquares,
	"greeter":                            callGreeter,
	"feed":                               callFeed,
	"host":                               callHost,
	"status with details":                callDetails,
	"error after answers":                callErrorAfterAnswers,
	"method that is not there":           callUnimplemented,
	"metadata, header and trailer":       callMetadata,
	"header before the first message":    callOnHeader,
	"header and then nothing":            callHeaderAlone,
	"deadline of a unary call":           callDeadline,
	"deadline of a stream":               callDeadlineStream,
	"cancel of a unary call":             callCancel,
	"break in a stream of answers":       callBreak,
	"break while the handler waits":      callBreakWaiting,
	"break in a bidirectional stream":    callBreakBidi,
	"producer of requests fails":         callProducerFails,
	"answer before the last request":     callEarlyAnswer,
	"answer while the requests wait":     callAnswerWhileWaiting,
	"answer decides on the next request": callPingPong,
	"both sides flood":                   callFlood,
	"messages of 3 MiB":                  callLarge,
}

func TestPythonServer(t *testing.T) {
	t.Parallel()
	generated := python.Generate(t)
	cert := samples.NewCertificate(t)
	for flavour, program := range python.Flavours {
		for name, creds := range map[string]credentials.TransportCredentials{"plaintext": insecure.NewCredentials(), "TLS": cert.Client(t)} {
			t.Run(flavour+"/"+name, func(t *testing.T) {
				t.Parallel()
				addr := proc.Addr(t)
				args := []string{addr}
				if name == "TLS" {
					args = append(args, "--cert", cert.Cert, "--key", cert.Key)
				}
				server := proc.Start(t, generated.Command(program.Server, args...), addr)
				conn := connect(t, addr, creds)
				callCases(t, peer{ClientConn: conn}, flavour, server)
			})
		}
	}
}

func connect(t *testing.T, addr string, creds credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // all calls have ended
	return conn
}

func callCalculator(p peer) {
	t, ctx := p.t, p.ctx
	cal := calculator.NewCalStub(p)
	if sum, err := cal.Add(ctx, &calculator.AddRequest{Number1: 3, Number2: -4}); err != nil || sum.GetNumber() != -1 {
		t.Errorf("3 + -4 = %v, %v", sum, err)
	}
	if product, err := cal.Multiply(ctx, &calculator.MultiplyRequest{Number1: 3, Number2: -4}); err != nil || product.GetNumber() != -12 {
		t.Errorf("3 * -4 = %v, %v", product, err)
	}
}

func callSquares(p peer) {
	t, ctx := p.t, p.ctx
	service := squares.NewSquareServiceStub(p)
	if res, err := service.Square(ctx, number(12)); err != nil || res.GetMessage() != 144 {
		t.Errorf("Square(12) = %v, %v", res, err)
	}
	checkNumbers(t, service.RangeSquare(ctx, number(3)), 1, 4, 9)
	checkNumbers(t, service.RangeSquare(ctx, number(0)))
	if res, err := service.SumSquare(ctx, numbers(1, 2, 3)); err != nil || res.GetMessage() != 14 {
		t.Errorf("SumSquare(1, 2, 3) = %v, %v", res, err)
	}
	if res, err := service.SumSquare(ctx, numbers()); err != nil || res.GetMessage() != 0 {
		t.Errorf("SumSquare() = %v, %v", res, err)
	}
	checkNumbers(t, service.StreamrangeSquare(ctx, numbers(1, 2, 3)), 1, 4, 9)
	checkNumbers(t, service.StreamrangeSquare(ctx, numbers()))
}

func callGreeter(p peer) {
	t, ctx := p.t, p.ctx
	service := greeter.NewGreeterStub(p)
	ada := &greeter.HelloRequest{Name: "Ada ❤"}
	hello := &greeter.HelloReply{Message: "Hello Ada ❤"}
	if res, err := service.SayHello(ctx, ada); err != nil || res.GetMessage() != hello.GetMessage() {
		t.Errorf("SayHello = %v, %v", res, err)
	}
	checkMessages(t, service.SayHelloStreamReply(ctx, ada), hello, hello)
	checkMessages(t, service.SayHelloBidiStream(ctx, stream.Of(ada, ada, ada)), hello, hello, hello)
	checkMessages(t, service.SayHelloStream2(ctx, ada), samples.Greetings(ada.GetName())...)
}

func callFeed(p peer) {
	t, ctx := p.t, p.ctx
	service := feed.NewRedisStreamStub(p)
	checkMessages(t, service.Sub(ctx, &feed.SubRequest{LastId: "0-1"}), samples.Entries[1:]...)
	checkMessages(t, service.Dump(ctx, &feed.SubRequest{}), samples.Entries...)
	if res, err := service.Len(ctx, &feed.SubRequest{}); err != nil || res.GetEntries() != 3 {
		t.Errorf("Len = %v, %v", res, err)
	}
}

func callHost(p peer) {
	t, ctx := p.t, p.ctx
	if _, err := squares.NewSquareServiceStub(p).Square(ctx, number(1)); err != nil {
		t.Error(err)
	}
	p.saw("host square.example")
	if _, err := stream.Collect(feed.NewRedisStreamStub(p).Dump(ctx, &feed.SubRequest{})); err != nil {
		t.Error(err)
	}
	p.saw("host bulk.feed.example") // the method's own
}

func callDetails(p peer) {
	t, ctx := p.t, p.ctx
	_, err := calculator.NewCalStub(p).Multiply(ctx, &calculator.MultiplyRequest{Number1: math.MaxInt32, Number2: 2})
	checkStatus(t, err, codes.OutOfRange, "4294967294 does not fit into 32 bits")
	want := []any{&errdetails.ErrorInfo{Reason: "OVERFLOW", Domain: "calculator.example", Metadata: map[string]string{"number": "4294967294"}}}
	if diff := cmp.Diff(want, status.Convert(err).Details(), protocmp.Transform()); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
}

func callErrorAfterAnswers(p peer) {
	t, ctx := p.t, p.ctx
	got, err := stream.Collect(squares.NewSquareServiceStub(p).StreamrangeSquare(ctx, numbers(1, 2, -3, 4)))
	checkStatus(t, err, codes.InvalidArgument, "-3 is negative")
	if diff := cmp.Diff([]*squares.Message{number(1), number(4)}, got, protocmp.Transform()); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func callUnimplemented(p peer) {
	t, ctx := p.t, p.ctx
	err := p.Invoke(ctx, "/squarerpc_service.SquareService/cube", number(1), number(0))
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("error %v, want Unimplemented", err)
	}
}

// echo is metadata that servers send back in the header and in the trailer.
var echo = metadata.Pairs("echo-text", "one", "echo-text", "two", "echo-data-bin", "\x00\xff\n")

func callMetadata(p peer) {
	t, ctx := p.t, p.ctx
	var header, trailer metadata.MD
	service := greeter.NewGreeterStub(p).With(grpc.Header(&header), grpc.Trailer(&trailer))
	for key, values := range echo {
		for _, value := range values {
			ctx = metadata.AppendToOutgoingContext(ctx, key, value)
		}
	}
	check := func() {
		t.Helper()
		for key, want := range echo {
			if diff := cmp.Diff([][]string{want, want}, [][]string{header.Get(key), trailer.Get(key)}); diff != "" {
				t.Errorf("%s, in header and trailer (-want +got):\n%s", key, diff)
			}
		}
		header, trailer = nil, nil
	}
	if _, err := service.SayHello(ctx, &greeter.HelloRequest{}); err != nil {
		t.Error(err)
	}
	check()
	checkMessages(t, service.SayHelloStreamReply(ctx, &greeter.HelloRequest{Name: "A"}), &greeter.HelloReply{Message: "Hello A"}, &greeter.HelloReply{Message: "Hello A"})
	check()
}

func callOnHeader(p peer) {
	t, ctx := p.t, p.ctx
	var header metadata.MD
	service := greeter.NewGreeterStub(p).With(stream.OnHeader(func(md metadata.MD) { header = md }))
	ctx = metadata.AppendToOutgoingContext(ctx, "echo-text", "one")
	for _, err := range service.SayHelloStreamReply(ctx, &greeter.HelloRequest{Name: "wait"}) {
		if err != nil {
			t.Error(err)
		}
		if got := header.Get("echo-text"); len(got) != 1 || got[0] != "one" {
			t.Errorf("header at the first message: %v", header)
		}
		break
	}
}

// The header arrives when the server has sent it, not only with the first message.
func callHeaderAlone(p peer) {
	t := p.t
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(p.ctx, "echo-text", "one"))
	defer cancel()
	var header metadata.MD
	service := greeter.NewGreeterStub(p).With(stream.OnHeader(func(md metadata.MD) {
		header = md
		p.saw("waits")
		cancel()
	}))
	got, err := stream.Collect(service.SayHelloStreamReply(ctx, &greeter.HelloRequest{Name: "header"}))
	if status.Code(err) != codes.Canceled || len(got) != 0 {
		t.Errorf("error %v, want Canceled, after %v", err, got)
	}
	if got := header.Get("echo-text"); len(got) != 1 || got[0] != "one" {
		t.Errorf("header: %v", header)
	}
	p.saw("canceled")
}

// Each request depends on the previous answer: no side may wait for more.
func callPingPong(p peer) {
	t, ctx := p.t, p.ctx
	answers := make(chan float64, 1)
	answers <- 2
	var got []float64
	for res, err := range stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*squares.Message, error] {
		reqs := stream.Map(stream.FromChan(ctx, answers), func(n float64) (*squares.Message, error) { return number(n), nil })
		return squares.NewSquareServiceStub(p).StreamrangeSquare(ctx, reqs)
	}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, res.GetMessage())
		if len(got) == 4 {
			close(answers)
		} else {
			answers <- res.GetMessage()
		}
	}
	if diff := cmp.Diff([]float64{4, 16, 256, 65536}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// Enough messages to fill the windows of flow control in both directions.
func callFlood(p peer) {
	t, ctx := p.t, p.ctx
	const count = 100
	name := strings.Repeat("x", 10_000)
	reqs := func(yield func(*greeter.HelloRequest, error) bool) {
		for i := range count {
			if !yield(&greeter.HelloRequest{Name: fmt.Sprint(i, " ", name)}, nil) {
				return
			}
		}
	}
	got := 0
	for res, err := range greeter.NewGreeterStub(p).SayHelloBidiStream(ctx, reqs) {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint("Hello ", got, " ", name); res.GetMessage() != want {
			t.Fatalf("answer %d has a wrong value", got)
		}
		got++
	}
	if got != count {
		t.Errorf("%d answers to %d requests", got, count)
	}
}

func callLarge(p peer) {
	t, ctx := p.t, p.ctx
	name := strings.Repeat("large ", 3<<20/6)
	res, err := greeter.NewGreeterStub(p).SayHello(ctx, &greeter.HelloRequest{Name: name})
	if err != nil || res.GetMessage() != "Hello "+name {
		t.Errorf("error %v after %d bytes", err, len(res.GetMessage()))
	}
}

func number(n float64) *squares.Message { return &squares.Message{Message: n} }

func numbers(values ...float64) iter.Seq2[*squares.Message, error] {
	return stream.Map(stream.Of(values...), func(n float64) (*squares.Message, error) { return number(n), nil })
}

func forever(yield func(*squares.Message) bool) {
	for yield(number(1)) {
	}
}

func checkNumbers(t *testing.T, seq iter.Seq2[*squares.Message, error], want ...float64) {
	t.Helper()
	got, err := stream.Collect(stream.Map(seq, func(m *squares.Message) (float64, error) { return m.GetMessage(), nil }))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, numbers (-want +got):\n%s", err, diff)
	}
}

func checkMessages[M any](t *testing.T, seq iter.Seq2[M, error], want ...M) {
	t.Helper()
	got, err := stream.Collect(seq)
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || err != nil {
		t.Errorf("error %v, messages (-want +got):\n%s", err, diff)
	}
}

func checkStatus(t *testing.T, err error, code codes.Code, message string) {
	t.Helper()
	if s := status.Convert(err); s.Code() != code || s.Message() != message {
		t.Errorf("error %v, want %v: %s", err, code, message)
	}
}

// callCases runs the cases of our client over p's connection, each as a subtest. server
// is the server that gets the calls.
func callCases(t *testing.T, p peer, flavour string, server *proc.Process) {
	t.Helper()
	for name, call := range goClientCases {
		if name == "host" && flavour == "asyncio" {
			continue // a handler of grpc.aio cannot see the host of a call
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := metadata.AppendToOutgoingContext(t.Context(), "case", t.Name())
			saw := func(what string) {
				line := t.Name() + ": " + what + "\n"
				proc.Wait(t, line, func() bool { return strings.Contains(server.Output(), line) })
			}
			call(peer{p.ClientConn, t, ctx, saw, p.nginx})
		})
	}
}
