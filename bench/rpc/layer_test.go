package rpc

import (
	"context"
	"io"
	"iter"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/bench/benchpb"
)

// instant is a connection and a stream of a number of messages, which cost nothing.
type instant struct {
	grpc.ClientConnInterface
	grpc.ServerStream
	left int
}

func (t *instant) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return t, nil
}
func (*instant) Context() context.Context     { return context.Background() }
func (*instant) Header() (metadata.MD, error) { return nil, nil }
func (*instant) Trailer() metadata.MD         { return nil }
func (*instant) CloseSend() error             { return nil }
func (*instant) SendMsg(any) error            { return nil }
func (t *instant) RecvMsg(any) error {
	if t.left == 0 {
		return io.EOF
	}
	t.left--
	return nil
}

// The layer alone: the cost of a message in the stubs of protoc-gen-gohost and of
// protoc-gen-go-grpc, without the cost of grpc.
func BenchmarkLayer(b *testing.B) {
	msg := new(benchpb.Message)
	type layer struct {
		name string
		run  func(t *instant, n int) error
	}
	for _, work := range []struct {
		name   string
		layers []layer
	}{
		{"send", []layer{
			{"grpc", func(t *instant, n int) error {
				stream := &grpc.GenericServerStream[benchpb.Order, benchpb.Message]{ServerStream: t}
				for range n {
					if err := stream.Send(msg); err != nil {
						return err
					}
				}
				return nil
			}},
			{"gohost", func(t *instant, n int) error {
				t.left = 1 // the request
				return benchpb.BenchDesc.Streams[0].Handler(layerServer{n: n, msg: msg}, t)
			}},
		}},
		{"request", []layer{
			{"grpc", func(t *instant, _ int) error {
				return receiveAll(&grpc.GenericServerStream[benchpb.Message, benchpb.Message]{ServerStream: t})
			}},
			{"gohost", func(t *instant, _ int) error {
				return benchpb.BenchDesc.Streams[1].Handler(layerServer{}, t)
			}},
		}},
		{"response", []layer{
			{"grpc", func(t *instant, _ int) error {
				return receiveAll(&grpc.GenericClientStream[benchpb.Order, benchpb.Message]{ClientStream: t})
			}},
			{"gohost", func(t *instant, _ int) error {
				for _, err := range benchpb.NewBenchStub(t).Download(b.Context(), nil) {
					if err != nil {
						return err
					}
				}
				return nil
			}},
		}},
	} {
		for _, l := range inOrder(work.layers) {
			b.Run("work="+work.name+"/impl="+l.name, func(b *testing.B) {
				measure(b, func() error { return l.run(&instant{left: b.N}, b.N) })
			})
		}
	}
}

func receiveAll(stream interface {
	Recv() (*benchpb.Message, error)
}) error {
	for {
		if _, err := stream.Recv(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

type layerServer struct {
	benchpb.UnimplementedBench
	n   int
	msg *benchpb.Message
}

func (s layerServer) Download(context.Context, *benchpb.Order) iter.Seq2[*benchpb.Message, error] {
	return func(yield func(*benchpb.Message, error) bool) {
		for range s.n {
			if !yield(s.msg, nil) {
				return
			}
		}
	}
}

func (s layerServer) Upload(_ context.Context, msgs iter.Seq2[*benchpb.Message, error]) (*benchpb.Message, error) {
	for _, err := range msgs {
		if err != nil {
			return nil, err
		}
	}
	return new(benchpb.Message), nil
}
