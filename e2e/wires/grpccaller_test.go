package wires

import (
	"context"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// stubs are gohost's stubs over a connection.
type stubs struct{ grpc.ClientConnInterface }

func number(n float64) *squares.Message { return &squares.Message{Message: n} }

func (s stubs) square(ctx context.Context, host string, n float64) (float64, error) {
	service := squares.NewSquareServiceStub(s)
	if host != "" {
		service = service.With(gohost.Host(host))
	}
	got, err := service.Square(ctx, number(n))
	return got.GetMessage(), err
}

func (s stubs) rangeSquare(ctx context.Context, n float64, got func(float64) bool) error {
	for res, err := range squares.NewSquareServiceStub(s).RangeSquare(ctx, number(n)) {
		if err != nil {
			return err
		}
		if !got(res.GetMessage()) {
			break
		}
	}
	return nil
}

func (s stubs) sumSquare(ctx context.Context, reqs iter.Seq[float64]) (float64, error) {
	got, err := squares.NewSquareServiceStub(s).SumSquare(ctx, func(yield func(*squares.Message, error) bool) {
		for n := range reqs {
			if !yield(number(n), nil) {
				return
			}
		}
	})
	return got.GetMessage(), err
}

func (s stubs) chat(ctx context.Context, first float64, count int) ([]float64, error) {
	var answers []float64
	next := make(chan float64, 1)
	next <- first
	for res, err := range stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*squares.Message, error] {
		reqs := stream.Map(stream.FromChan(ctx, next), func(n float64) (*squares.Message, error) { return number(n), nil })
		return squares.NewSquareServiceStub(s).StreamrangeSquare(ctx, reqs)
	}) {
		if err != nil {
			return answers, err
		}
		answers = append(answers, res.GetMessage())
		if len(answers) == count {
			close(next)
		} else {
			next <- res.GetMessage()
		}
	}
	return answers, nil
}

func (s stubs) multiply(ctx context.Context, a, b int32) (int32, error) {
	got, err := calculator.NewCalStub(s).Multiply(ctx, &calculator.MultiplyRequest{Number1: a, Number2: b})
	return got.GetNumber(), err
}

func (s stubs) hello(ctx context.Context, name string) (got ends, err error) {
	service := greeter.NewGreeterStub(s).With(grpc.Header(&got.header), grpc.Trailer(&got.trailer))
	_, err = service.SayHello(ctx, &greeter.HelloRequest{Name: name})
	return got, err
}

func (s stubs) helloStream(ctx context.Context, name string, more func() bool) (got ends, err error) {
	service := greeter.NewGreeterStub(s).With(grpc.Header(&got.header), grpc.Trailer(&got.trailer))
	for _, err := range service.SayHelloStreamReply(ctx, &greeter.HelloRequest{Name: name}) {
		if err != nil {
			return got, err
		}
		if !more() {
			break
		}
	}
	return got, nil
}

func (s stubs) failureOf(err error) failure {
	st := status.Convert(err)
	f := failure{code: st.Code(), message: st.Message()}
	for _, d := range st.Details() {
		if m, ok := d.(proto.Message); ok {
			f.details = append(f.details, m)
		}
	}
	return f
}
