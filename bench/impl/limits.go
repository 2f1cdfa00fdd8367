package impl

import (
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"

	"github.com/gohostrpc/gohost/bench/benchpb"
)

// GRPCAgain is GRPC: comparing it with itself shows how much runs differ.
var GRPCAgain = Impl{"grpc-again", GRPC.Start}

// The limits for a stub on top of grpc-go. GRPCReuse is the loops of GRPC, but each
// receives into one message, which nobody writes by hand. Bare also skips marshaling:
// every message is the same bytes, and is not decoded. Its cost is what grpc-go needs
// to carry messages.
var (
	GRPCReuse = Impl{"grpc-reuse", func() (Client, func(), error) { return startReusing() }}
	Bare      = Impl{"grpc-bare", func() (Client, func(), error) {
		return startReusing(grpc.ForceServerCodecV2(bareCodec{}))
	}}
)

func startReusing(opts ...grpc.ServerOption) (Client, func(), error) {
	server := grpc.NewServer(opts...)
	benchpb.RegisterBenchServer(server, reusingServer{})
	cc, stop, err := serve(server)
	if err != nil {
		return nil, nil, err
	}
	var callOpts []grpc.CallOption
	if len(opts) > 0 {
		callOpts = append(callOpts, grpc.ForceCodecV2(bareCodec{}))
	}
	return grpcClient{benchpb.NewBenchClient(cc), receiveIntoOne, callOpts}, stop, nil
}

type reusingServer struct{ grpcServer }

func (reusingServer) Upload(stream grpc.ClientStreamingServer[benchpb.Message, benchpb.Message]) error {
	msg := new(benchpb.Message)
	for {
		err := stream.RecvMsg(msg)
		if err == io.EOF {
			return stream.SendAndClose(msg)
		}
		if err != nil {
			return err
		}
	}
}

func (reusingServer) Chat(stream grpc.BidiStreamingServer[benchpb.Message, benchpb.Message]) error {
	msg := new(benchpb.Message)
	for {
		err := stream.RecvMsg(msg)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(msg); err != nil {
			return err
		}
	}
}

func receiveIntoOne(stream messages, got func()) error {
	msg := new(benchpb.Message)
	for {
		err := stream.RecvMsg(msg)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		got()
	}
}

// bareCodec encodes every Message as the same 16 B.
type bareCodec struct{}

var (
	proto = encoding.GetCodecV2("proto")
	bare  = mem.BufferSlice{mem.SliceBuffer(append([]byte{1<<3 | 2, 16}, make([]byte, 16)...))}
)

func (bareCodec) Name() string { return "proto" }

func (bareCodec) Marshal(msg any) (mem.BufferSlice, error) {
	if _, ok := msg.(*benchpb.Message); ok {
		return bare, nil
	}
	return proto.Marshal(msg)
}

func (bareCodec) Unmarshal(data mem.BufferSlice, msg any) error {
	if _, ok := msg.(*benchpb.Message); ok {
		return nil
	}
	return proto.Unmarshal(data, msg)
}
