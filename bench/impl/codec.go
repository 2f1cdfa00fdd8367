package impl

import (
	"context"
	"io"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/gohostrpc/gohost/bench/codecpb"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/vtcodec"
)

// Carrier makes calls with count messages of one type. They return when the RPC has
// ended.
type Carrier struct {
	Download, Upload, Chat func(ctx context.Context, count int) error
	Stop                   func()
}

// Carriers are the ways to carry one type of message: loops by hand with grpc's codec,
// the stubs with it, and both with package vtcodec and reused messages. Vtcodec is the
// stubs with that package and without reuse.
type Carriers struct {
	Message string
	Starts  []CarrierStart
}

// CarrierStart starts a server and its client.
type CarrierStart struct {
	Name  string
	Start func() (Carrier, error)
}

// Flats and Orders carry flat messages of 16 B, and nested ones.
var (
	Flats = Carriers{"flat", carriers(
		func() *codecpb.Flat { return &codecpb.Flat{Data: make([]byte, 16)} },
		func(r grpc.ServiceRegistrar, s loops[codecpb.Flat, *codecpb.Flat]) {
			codecpb.RegisterFlatsServer(r, struct {
				codecpb.UnsafeFlatsServer
				loops[codecpb.Flat, *codecpb.Flat]
			}{nil, s})
		},
		func(cc connection) calls[codecpb.Flat] { return codecpb.NewFlatsClient(cc) },
		func(r grpc.ServiceRegistrar, s sequences[codecpb.Flat]) { codecpb.RegisterFlats(r, s) },
		func(cc connection, opts ...grpc.CallOption) service[codecpb.Flat] {
			return codecpb.NewFlatsStub(cc).With(opts...)
		},
	)}
	Orders = Carriers{"nested", carriers(
		NewOrder,
		func(r grpc.ServiceRegistrar, s loops[codecpb.Order, *codecpb.Order]) {
			codecpb.RegisterOrdersServer(r, struct {
				codecpb.UnsafeOrdersServer
				loops[codecpb.Order, *codecpb.Order]
			}{nil, s})
		},
		func(cc connection) calls[codecpb.Order] { return codecpb.NewOrdersClient(cc) },
		func(r grpc.ServiceRegistrar, s sequences[codecpb.Order]) { codecpb.RegisterOrders(r, s) },
		func(cc connection, opts ...grpc.CallOption) service[codecpb.Order] {
			return codecpb.NewOrdersStub(cc).With(opts...)
		},
	)}
)

// NewOrder returns a nested message.
func NewOrder() *codecpb.Order {
	o := &codecpb.Order{
		Id:     "2026-11-26/000017",
		Placed: &timestamppb.Timestamp{Seconds: 1795683722, Nanos: 123456789},
		Customer: &codecpb.Customer{
			Name:    "Ada Lovelace",
			Address: &codecpb.Address{Street: "12 St James's Square", City: "London", Zip: 12345},
		},
		Labels:  map[string]string{"channel": "web", "locale": "en-GB"},
		Payment: &codecpb.Order_Card{Card: &codecpb.Card{Number: 4111111111111111, Expires: 2712}},
	}
	for range 4 {
		o.Items = append(o.Items, &codecpb.Item{Sku: "SKU-0123456", Quantity: 2, Price: &codecpb.Price{Currency: "EUR", Cents: 12999}})
	}
	return o
}

// message is a *T with code of vtprotobuf.
type message[T any] interface {
	*T
	ResetVT()
}

// calls is a client of protoc-gen-go-grpc.
type calls[T any] interface {
	Download(ctx context.Context, in *codecpb.Amount, opts ...grpc.CallOption) (grpc.ServerStreamingClient[T], error)
	Upload(ctx context.Context, opts ...grpc.CallOption) (grpc.ClientStreamingClient[T, T], error)
	Chat(ctx context.Context, opts ...grpc.CallOption) (grpc.BidiStreamingClient[T, T], error)
}

// service is a stub of protoc-gen-gohost.
type service[T any] interface {
	Download(ctx context.Context, req *codecpb.Amount) iter.Seq2[*T, error]
	Upload(ctx context.Context, reqs iter.Seq2[*T, error]) (*T, error)
	Chat(ctx context.Context, reqs iter.Seq2[*T, error]) iter.Seq2[*T, error]
}

func carriers[T any, M message[T]](
	newMessage func() *T,
	registerLoops func(grpc.ServiceRegistrar, loops[T, M]), newCalls func(connection) calls[T],
	registerSequences func(grpc.ServiceRegistrar, sequences[T]), newService func(connection, ...grpc.CallOption) service[T],
) []CarrierStart {
	byHand := func(name string, vt bool) CarrierStart {
		return CarrierStart{name, func() (Carrier, error) {
			s := loops[T, M]{newMessage(), vt}
			server, dial := codecs(vt)
			registerLoops(server, s)
			cc, stop, err := serve(server, dial...)
			return s.carrier(newCalls, cc, stop), err
		}}
	}
	byStub := func(name string, vt, reuse bool) CarrierStart {
		return CarrierStart{name, func() (Carrier, error) {
			s := sequences[T]{newMessage()}
			server, dial := codecs(vt)
			var opts []grpc.CallOption
			if reuse {
				registerSequences(stream.ReuseRequests(server), s)
				opts = append(opts, stream.ReuseMessages())
			} else {
				registerSequences(server, s)
			}
			cc, stop, err := serve(server, dial...)
			return s.carrier(func(cc connection) service[T] { return newService(cc, opts...) }, cc, stop), err
		}}
	}
	return []CarrierStart{
		byHand("grpc", false),
		byStub("gohost", false, false),
		byStub("vtcodec", true, false),
		byStub("vtcodec-reuse", true, true),
		byHand("grpc-vtcodec-reuse", true),
		byHand("grpc-again", false),
	}
}

// codecs returns a server, and options of a client, with or without package vtcodec.
func codecs(vt bool) (*grpc.Server, []grpc.DialOption) {
	if !vt {
		return grpc.NewServer(), nil
	}
	return grpc.NewServer(grpc.ForceServerCodecV2(vtcodec.Codec{})),
		[]grpc.DialOption{grpc.WithDefaultCallOptions(grpc.ForceCodecV2(vtcodec.Codec{}))}
}

// loops are both sides by hand. With reuse, each side receives into one message, and
// resets it such that its parts can be reused.
type loops[T any, M message[T]] struct {
	msg   *T
	reuse bool
}

func (s loops[T, M]) Download(amount *codecpb.Amount, stream grpc.ServerStreamingServer[T]) error {
	for range amount.GetCount() {
		if err := stream.Send(s.msg); err != nil {
			return err
		}
	}
	return nil
}

func (s loops[T, M]) Upload(stream grpc.ClientStreamingServer[T, T]) error {
	if err := s.receive(stream, func(*T) error { return nil }); err != nil {
		return err
	}
	return stream.SendAndClose(new(T))
}

func (s loops[T, M]) Chat(stream grpc.BidiStreamingServer[T, T]) error {
	return s.receive(stream, stream.Send)
}

// receive passes all received messages to got.
func (s loops[T, M]) receive(stream interface {
	Recv() (*T, error)
	RecvMsg(msg any) error
}, got func(*T) error) error {
	if !s.reuse {
		for {
			msg, err := stream.Recv()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := got(msg); err != nil {
				return err
			}
		}
	}
	msg := new(T)
	for {
		M(msg).ResetVT()
		err := stream.RecvMsg(msg)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := got(msg); err != nil {
			return err
		}
	}
}

func (s loops[T, M]) carrier(newCalls func(connection) calls[T], cc connection, stop func()) Carrier {
	client := newCalls(cc)
	nothing := func(*T) error { return nil }
	return Carrier{
		Download: func(ctx context.Context, count int) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := client.Download(ctx, &codecpb.Amount{Count: int64(count)})
			if err != nil {
				return err
			}
			return s.receive(stream, nothing)
		},
		Upload: func(ctx context.Context, count int) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := client.Upload(ctx)
			if err != nil {
				return err
			}
			for range count {
				if err := stream.Send(s.msg); err == io.EOF {
					break // CloseAndRecv says why
				} else if err != nil {
					return err
				}
			}
			_, err = stream.CloseAndRecv()
			return err
		},
		Chat: func(ctx context.Context, count int) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := client.Chat(ctx)
			if err != nil {
				return err
			}
			go func() {
				for range count {
					if err := stream.Send(s.msg); err != nil {
						return // Recv says why
					}
				}
				_ = stream.CloseSend()
			}()
			return s.receive(stream, nothing)
		},
		Stop: stop,
	}
}

// sequences are both sides with the stubs.
type sequences[T any] struct{ msg *T }

func (s sequences[T]) Download(_ context.Context, amount *codecpb.Amount) iter.Seq2[*T, error] {
	return s.messages(int(amount.GetCount()))
}

func (s sequences[T]) messages(count int) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for range count {
			if !yield(s.msg, nil) {
				return
			}
		}
	}
}

func (sequences[T]) Upload(_ context.Context, msgs iter.Seq2[*T, error]) (*T, error) {
	return new(T), discard(msgs)
}

func discard[T any](msgs iter.Seq2[*T, error]) error {
	for _, err := range msgs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (sequences[T]) Chat(_ context.Context, msgs iter.Seq2[*T, error]) iter.Seq2[*T, error] {
	return msgs
}

func (s sequences[T]) carrier(newService func(connection) service[T], cc connection, stop func()) Carrier {
	client := newService(cc)
	return Carrier{
		Download: func(ctx context.Context, count int) error {
			return discard(client.Download(ctx, &codecpb.Amount{Count: int64(count)}))
		},
		Upload: func(ctx context.Context, count int) error {
			_, err := client.Upload(ctx, s.messages(count))
			return err
		},
		Chat: func(ctx context.Context, count int) error {
			return discard(client.Chat(ctx, s.messages(count)))
		},
		Stop: stop,
	}
}
