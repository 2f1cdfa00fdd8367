// Package squares has the shape of generated code.
package squares

import (
	"context"
	"iter"

	"google.golang.org/grpc"
)

type Message struct{ Number float64 }

func (*Message) ProtoReflect() {}

type SquareService interface {
	Square(ctx context.Context, req *Message) (*Message, error)
	RangeSquare(ctx context.Context, req *Message) iter.Seq2[*Message, error]
	SumSquare(ctx context.Context, reqs iter.Seq2[*Message, error]) (*Message, error)
	StreamrangeSquare(ctx context.Context, reqs iter.Seq2[*Message, error]) iter.Seq2[*Message, error]
}

type SquareServiceStub struct{ SquareService }

func NewSquareServiceStub(cc grpc.ClientConnInterface) SquareServiceStub {
	return SquareServiceStub{}
}

func (s SquareServiceStub) With(opts ...grpc.CallOption) SquareServiceStub { return s }

func RegisterSquareService(r grpc.ServiceRegistrar, impl SquareService) {}
