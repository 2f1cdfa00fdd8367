package wires

import (
	"context"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/gohostrpc/gohost/e2e/internal/samples"
	"github.com/gohostrpc/gohost/e2e/wires/stubs/v2/calculator/calculatorconnect"
	"github.com/gohostrpc/gohost/e2e/wires/stubs/v2/greeter/greeterconnect"
	"github.com/gohostrpc/gohost/e2e/wires/stubs/v2/squares/squaresconnect"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// registerV2 registers the samples as a user of connect v2 would write them.
func registerV2(server *connect.Server, reports *samples.Reports) {
	squaresconnect.RegisterSquareServiceHandler(server, v2Squares{reports})
	greeterconnect.RegisterGreeterHandler(server, v2Greeter{reports: reports})
	calculatorconnect.RegisterCalHandler(server, v2Cal{})
}

// reportV2 reports something about a handler's call.
func reportV2(ctx context.Context, reports *samples.Reports, what string) {
	info, _ := connect.CallInfoForServerContext(ctx)
	reports.Add(strings.Join(info.RequestHeader().Values("case"), " "), what)
}

type v2Squares struct{ *samples.Reports }

func (s v2Squares) Square(ctx context.Context, req *squares.Message) (*squares.Message, error) {
	info, _ := connect.CallInfoForServerContext(ctx)
	reportV2(ctx, s.Reports, "host "+info.RequestHeader().Get("Host"))
	return number(req.GetMessage() * req.GetMessage()), nil
}

func (v2Squares) RangeSquare(_ context.Context, req *squares.Message, stream squaresconnect.SquareServiceRangeSquareServerStream) error {
	for n := 1.0; n <= req.GetMessage(); n++ {
		if err := stream.Send(number(n * n)); err != nil {
			return err
		}
	}
	return nil
}

func (v2Squares) SumSquare(_ context.Context, stream squaresconnect.SquareServiceSumSquareServerStream) (*squares.Message, error) {
	sum := 0.0
	for {
		req, err := stream.Receive()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if err != nil || req.GetMessage() == 0 {
			return number(sum), nil
		}
		sum += req.GetMessage() * req.GetMessage()
	}
}

func (v2Squares) StreamrangeSquare(_ context.Context, stream squaresconnect.SquareServiceStreamrangeSquareServerStream) error {
	for {
		req, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(number(req.GetMessage() * req.GetMessage())); err != nil {
			return err
		}
	}
}

type v2Greeter struct {
	greeterconnect.UnimplementedGreeterHandler
	reports *samples.Reports
}

// greet sends the echo metadata back, calls first, and waits if the name asks for it.
func (s v2Greeter) greet(ctx context.Context, name string, first func() error) error {
	if _, ok := ctx.Deadline(); ok {
		reportV2(ctx, s.reports, "has a deadline")
	}
	info, _ := connect.CallInfoForServerContext(ctx)
	for key, values := range info.RequestHeader().All() {
		if strings.HasPrefix(strings.ToLower(key), "echo-") {
			for _, v := range values {
				info.ResponseHeader().Add(key, v)
				info.ResponseTrailer().Add(key, v)
			}
		}
	}
	if err := first(); err != nil || name != "wait" {
		return err
	}
	reportV2(ctx, s.reports, "waits")
	<-ctx.Done()
	reportV2(ctx, s.reports, "canceled")
	return ctx.Err()
}

func (s v2Greeter) SayHello(ctx context.Context, req *greeter.HelloRequest) (*greeter.HelloReply, error) {
	if err := s.greet(ctx, req.GetName(), func() error { return nil }); err != nil {
		return nil, err
	}
	return &greeter.HelloReply{Message: "Hello " + req.GetName()}, nil
}

func (s v2Greeter) SayHelloStreamReply(ctx context.Context, req *greeter.HelloRequest, stream greeterconnect.GreeterSayHelloStreamReplyServerStream) error {
	reply := &greeter.HelloReply{Message: "Hello " + req.GetName()}
	if err := s.greet(ctx, req.GetName(), func() error { return stream.Send(reply) }); err != nil {
		return err
	}
	return stream.Send(reply)
}

type v2Cal struct {
	calculatorconnect.UnimplementedCalHandler
}

func (v2Cal) Multiply(_ context.Context, req *calculator.MultiplyRequest) (*calculator.ResultReply, error) {
	n := int64(req.GetNumber1()) * int64(req.GetNumber2())
	if n <= math.MaxInt32 {
		return &calculator.ResultReply{Number: int32(n)}, nil
	}
	detail, err := connectproto.NewErrorDetail(&errdetails.ErrorInfo{
		Reason: "OVERFLOW", Domain: "calculator.example", Metadata: map[string]string{"number": strconv.FormatInt(n, 10)},
	})
	if err != nil {
		return nil, err
	}
	return nil, connect.Errorf(connect.CodeOutOfRange, "%d does not fit into 32 bits", n).WithDetail(detail)
}
