package wires

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/e2e/wires/stubs/v2/calculator/calculatorconnect"
	"github.com/gohostrpc/gohost/e2e/wires/stubs/v2/greeter/greeterconnect"
	"github.com/gohostrpc/gohost/e2e/wires/stubs/v2/squares/squaresconnect"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// v2Caller is connect v2's generated code.
type v2Caller struct{ *connect.Client }

// callV2 returns the context of a connect call with the metadata of ctx.
func callV2(ctx context.Context) (context.Context, *connect.CallInfo) {
	md, _ := metadata.FromOutgoingContext(ctx)
	ctx, info := connect.NewClientContext(ctx)
	for key, values := range md {
		for _, v := range values {
			if strings.HasSuffix(key, "-bin") {
				v = connect.EncodeBinaryHeader([]byte(v))
			}
			info.RequestHeader().Add(key, v)
		}
	}
	return ctx, info
}

// endsV2 returns the header and trailer of the answer.
func endsV2(info *connect.CallInfo) ends {
	return ends{metadataV2(info.ResponseHeader()), metadataV2(info.ResponseTrailer())}
}

func metadataV2(h *connect.Header) metadata.MD {
	md := metadata.MD{}
	for key, values := range h.All() {
		for _, v := range values {
			if strings.HasSuffix(strings.ToLower(key), "-bin") {
				if data, err := connect.DecodeBinaryHeader(v); err == nil {
					v = string(data)
				}
			}
			md.Append(key, v)
		}
	}
	return md
}

func (c v2Caller) square(ctx context.Context, host string, n float64) (float64, error) {
	ctx, info := callV2(ctx)
	if host != "" {
		info.RequestHeader().Set("Host", host)
	}
	got, err := squaresconnect.NewSquareServiceClient(c.Client).Square(ctx, number(n))
	return got.GetMessage(), err
}

func (c v2Caller) rangeSquare(ctx context.Context, n float64, got func(float64) bool) error {
	ctx, _ = callV2(ctx)
	stream, err := squaresconnect.NewSquareServiceClient(c.Client).RangeSquare(ctx, number(n))
	if err != nil {
		return err
	}
	defer stream.Close() //nolint:errcheck // as users write it
	for {
		res, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !got(res.GetMessage()) {
			return nil
		}
	}
}

func (c v2Caller) sumSquare(ctx context.Context, reqs iter.Seq[float64]) (float64, error) {
	ctx, _ = callV2(ctx)
	stream, err := squaresconnect.NewSquareServiceClient(c.Client).SumSquare(ctx)
	if err != nil {
		return 0, err
	}
	for n := range reqs {
		if err := stream.Send(number(n)); err != nil {
			break // CloseAndReceive says why
		}
	}
	got, err := stream.CloseAndReceive()
	return got.GetMessage(), err
}

func (c v2Caller) chat(ctx context.Context, first float64, count int) ([]float64, error) {
	ctx, _ = callV2(ctx)
	stream, err := squaresconnect.NewSquareServiceClient(c.Client).StreamrangeSquare(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Close() //nolint:errcheck // as users write it
	var answers []float64
	for next := first; ; {
		if len(answers) < count {
			_ = stream.Send(number(next)) // Receive says why
		} else {
			_ = stream.CloseSend()
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

func (c v2Caller) multiply(ctx context.Context, a, b int32) (int32, error) {
	ctx, _ = callV2(ctx)
	got, err := calculatorconnect.NewCalClient(c.Client).Multiply(ctx, &calculator.MultiplyRequest{Number1: a, Number2: b})
	return got.GetNumber(), err
}

func (c v2Caller) hello(ctx context.Context, name string) (ends, error) {
	ctx, info := callV2(ctx)
	_, err := greeterconnect.NewGreeterClient(c.Client).SayHello(ctx, &greeter.HelloRequest{Name: name})
	return endsV2(info), err
}

func (c v2Caller) helloStream(ctx context.Context, name string, got func() bool) (ends, error) {
	ctx, info := callV2(ctx)
	stream, err := greeterconnect.NewGreeterClient(c.Client).SayHelloStreamReply(ctx, &greeter.HelloRequest{Name: name})
	if err != nil {
		return ends{}, err
	}
	defer stream.Close() //nolint:errcheck // as users write it
	for {
		_, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return endsV2(info), nil
		}
		if err != nil {
			return ends{}, err
		}
		if !got() {
			return ends{}, nil
		}
	}
}

func (c v2Caller) failureOf(err error) failure {
	var e *connect.Error
	if !errors.As(err, &e) {
		return failure{code: codes.Unknown, message: err.Error()}
	}
	f := failure{code: codes.Code(e.Code()), message: e.Message()}
	for _, d := range e.Details() {
		if m, err := connectproto.UnmarshalErrorDetail(d); err == nil {
			f.details = append(f.details, m)
		}
	}
	return f
}
