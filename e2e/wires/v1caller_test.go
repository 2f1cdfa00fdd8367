package wires

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/e2e/wires/stubs/v1/calculator/calculatorconnect"
	"github.com/gohostrpc/gohost/e2e/wires/stubs/v1/greeter/greeterconnect"
	"github.com/gohostrpc/gohost/e2e/wires/stubs/v1/squares/squaresconnect"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// v1Caller is connect v1's generated code.
type v1Caller struct {
	squares squaresconnect.SquareServiceClient
	greeter greeterconnect.GreeterClient
	cal     calculatorconnect.CalClient
}

func newV1Caller(client *http.Client, url string, opts ...connect.ClientOption) v1Caller {
	return v1Caller{
		squaresconnect.NewSquareServiceClient(client, url, opts...),
		greeterconnect.NewGreeterClient(client, url, opts...),
		calculatorconnect.NewCalClient(client, url, opts...),
	}
}

// requestV1 returns a request with the metadata of ctx.
func requestV1[M any](ctx context.Context, m *M) *connect.Request[M] {
	req := connect.NewRequest(m)
	addV1(ctx, req.Header())
	return req
}

func addV1(ctx context.Context, header http.Header) {
	md, _ := metadata.FromOutgoingContext(ctx)
	for key, values := range md {
		for _, v := range values {
			if strings.HasSuffix(key, "-bin") {
				v = connect.EncodeBinaryHeader([]byte(v))
			}
			header.Add(key, v)
		}
	}
}

func metadataV1(h http.Header) metadata.MD {
	md := metadata.MD{}
	for key, values := range h {
		for _, v := range values {
			if strings.HasSuffix(key, "-Bin") {
				if data, err := connect.DecodeBinaryHeader(v); err == nil {
					v = string(data)
				}
			}
			md.Append(key, v)
		}
	}
	return md
}

func (c v1Caller) square(ctx context.Context, host string, n float64) (float64, error) {
	req := requestV1(ctx, number(n))
	if host != "" {
		req.Header().Set("Host", host)
	}
	got, err := c.squares.Square(ctx, req)
	if err != nil {
		return 0, err
	}
	return got.Msg.GetMessage(), nil
}

func (c v1Caller) rangeSquare(ctx context.Context, n float64, got func(float64) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.squares.RangeSquare(ctx, requestV1(ctx, number(n)))
	if err != nil {
		return err
	}
	for stream.Receive() {
		if !got(stream.Msg().GetMessage()) {
			return nil
		}
	}
	return stream.Err()
}

func (c v1Caller) sumSquare(ctx context.Context, reqs iter.Seq[float64]) (float64, error) {
	stream := c.squares.SumSquare(ctx)
	addV1(ctx, stream.RequestHeader())
	for n := range reqs {
		if err := stream.Send(number(n)); err != nil {
			break // CloseAndReceive says why
		}
	}
	got, err := stream.CloseAndReceive()
	if err != nil {
		return 0, err
	}
	return got.Msg.GetMessage(), nil
}

func (c v1Caller) chat(ctx context.Context, first float64, count int) ([]float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := c.squares.StreamrangeSquare(ctx)
	addV1(ctx, stream.RequestHeader())
	var answers []float64
	for next := first; ; {
		if len(answers) < count {
			_ = stream.Send(number(next)) // Receive says why
		} else {
			_ = stream.CloseRequest()
		}
		res, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return answers, nil
		}
		if err != nil {
			return answers, err
		}
		next = res.GetMessage()
		answers = append(answers, next)
	}
}

func (c v1Caller) multiply(ctx context.Context, a, b int32) (int32, error) {
	got, err := c.cal.Multiply(ctx, requestV1(ctx, &calculator.MultiplyRequest{Number1: a, Number2: b}))
	if err != nil {
		return 0, err
	}
	return got.Msg.GetNumber(), nil
}

func (c v1Caller) hello(ctx context.Context, name string) (ends, error) {
	got, err := c.greeter.SayHello(ctx, requestV1(ctx, &greeter.HelloRequest{Name: name}))
	if err != nil {
		return ends{}, err
	}
	return ends{metadataV1(got.Header()), metadataV1(got.Trailer())}, nil
}

func (c v1Caller) helloStream(ctx context.Context, name string, got func() bool) (ends, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.greeter.SayHelloStreamReply(ctx, requestV1(ctx, &greeter.HelloRequest{Name: name}))
	if err != nil {
		return ends{}, err
	}
	for stream.Receive() {
		if !got() {
			return ends{}, nil
		}
	}
	return ends{metadataV1(stream.ResponseHeader()), metadataV1(stream.ResponseTrailer())}, stream.Err()
}

func (v1Caller) failureOf(err error) failure {
	var e *connect.Error
	if !errors.As(err, &e) {
		return failure{code: codes.Unknown, message: err.Error()}
	}
	f := failure{code: codes.Code(e.Code()), message: e.Message()}
	for _, d := range e.Details() {
		if m, err := d.Value(); err == nil {
			f.details = append(f.details, m)
		}
	}
	return f
}
