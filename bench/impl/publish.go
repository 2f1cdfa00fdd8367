package impl

import (
	"context"
	"iter"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/stream"
)

// Publisher is a server that sends what it publishes to all subscribers, and a client
// of it.
type Publisher struct {
	Publish   func(msg *benchpb.Message)
	Subscribe func(ctx context.Context, got func(*benchpb.Message)) error
	Stop      func()
}

// queue is the number of events that may wait for a subscriber.
const queue = 16

// TopicPublisher publishes with a stream.Topic.
func TopicPublisher(opts ...grpc.ServerOption) (Publisher, error) {
	topic := stream.NewTopic[*benchpb.Message](stream.TopicOptions{Queue: queue, Slow: stream.EndSlow})
	server := grpc.NewServer(opts...)
	benchpb.RegisterBench(server, topicServer{topic: topic})
	cc, stop, err := serve(server)
	if err != nil {
		return Publisher{}, err
	}
	stub := benchpb.NewBenchStub(cc)
	return Publisher{topic.Publish, func(ctx context.Context, got func(*benchpb.Message)) error {
		for msg, err := range stub.Subscribe(ctx, new(benchpb.Order)) {
			if err != nil {
				return err
			}
			got(msg)
		}
		return nil
	}, stop}, nil
}

type topicServer struct {
	benchpb.UnimplementedBench
	topic *stream.Topic[*benchpb.Message]
}

func (s topicServer) Subscribe(ctx context.Context, _ *benchpb.Order) iter.Seq2[*benchpb.Message, error] {
	return s.topic.Subscribe(ctx)
}

// HubPublisher publishes by hand: with a channel for each subscriber, and a loop over
// it. With prepared, each message is encoded once.
func HubPublisher(prepared bool) (Publisher, error) {
	hub := &hub{subscribers: make(map[chan *event]struct{}), prepared: prepared}
	server := grpc.NewServer()
	benchpb.RegisterBenchServer(server, hub)
	cc, stop, err := serve(server)
	if err != nil {
		return Publisher{}, err
	}
	client := benchpb.NewBenchClient(cc)
	return Publisher{hub.publish, func(ctx context.Context, got func(*benchpb.Message)) error {
		stream, err := client.Subscribe(ctx, new(benchpb.Order))
		if err != nil {
			return err
		}
		for {
			msg, err := stream.Recv()
			if err != nil {
				return err
			}
			got(msg)
		}
	}, stop}, nil
}

type hub struct {
	benchpb.UnimplementedBenchServer
	prepared bool

	mu          sync.Mutex
	subscribers map[chan *event]struct{}
}

// event is a message with its encoding.
type event struct {
	msg     *benchpb.Message
	once    sync.Once
	encoded grpc.PreparedMsg
	err     error
}

func (h *hub) publish(msg *benchpb.Message) {
	e := &event{msg: msg}
	h.mu.Lock()
	defer h.mu.Unlock()
	for events := range h.subscribers {
		select {
		case events <- e:
		default: // too slow
			delete(h.subscribers, events)
			close(events)
		}
	}
}

func (h *hub) Subscribe(_ *benchpb.Order, stream grpc.ServerStreamingServer[benchpb.Message]) error {
	events := make(chan *event, queue)
	h.mu.Lock()
	h.subscribers[events] = struct{}{}
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subscribers, events)
	}()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return nil
			}
			if err := h.send(stream, e); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

func (h *hub) send(stream grpc.ServerStreamingServer[benchpb.Message], e *event) error {
	if !h.prepared {
		return stream.Send(e.msg)
	}
	e.once.Do(func() { e.err = e.encoded.Encode(stream, e.msg) })
	if e.err != nil {
		return e.err
	}
	return stream.SendMsg(&e.encoded)
}

// OnceCodec is grpc's codec for protobuf, but encodes a message only once if it is sent
// many times in a row.
func OnceCodec() grpc.ServerOption {
	return grpc.ForceServerCodecV2(&onceCodec{CodecV2: encoding.GetCodecV2("proto")})
}

type onceCodec struct {
	encoding.CodecV2

	mu      sync.Mutex
	msg     any
	encoded mem.SliceBuffer
}

func (c *onceCodec) Marshal(msg any) (mem.BufferSlice, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.msg != msg {
		encoded, err := c.CodecV2.Marshal(msg)
		if err != nil {
			return nil, err
		}
		defer encoded.Free()
		c.msg, c.encoded = msg, encoded.Materialize()
	}
	return mem.BufferSlice{c.encoded}, nil
}
