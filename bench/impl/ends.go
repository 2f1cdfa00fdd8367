package impl

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"

	"github.com/gohostrpc/gohost/bench/benchpb"
)

// Ends are a client and an upstream that encode and decode nothing, so that only what
// is between them is measured: each message is the same bytes.
type Ends struct {
	cc     *grpc.ClientConn
	method string
	count  *atomic.Int64 // of messages that the upstream must send
	stop   func()
}

// StartEnds starts both with a gateway between them, for a method such as
// "/benchpb.Nested/Chat", with this message.
func StartEnds(g Gateway, method string, msg []byte) (*Ends, error) {
	e := &Ends{method: method, count: new(atomic.Int64)}
	codec := sameCodec{mem.BufferSlice{mem.SliceBuffer(msg)}}
	server := grpc.NewServer(grpc.ForceServerCodecV2(codec), grpc.UnknownServiceHandler(e.serve))
	lis, err := listen()
	if err != nil {
		return nil, err
	}
	go server.Serve(lis) //nolint:errcheck // it ends with stop
	addr, stop, err := g.start(lis.Addr().String())
	if err != nil {
		server.Stop()
		return nil, err
	}
	e.cc, err = dialBy(addr, grpc.ForceCodecV2(codec))
	e.stop = func() {
		stop()
		server.Stop()
	}
	if err != nil {
		e.stop()
		return nil, err
	}
	return e, nil
}

// Stop stops everything.
func (e *Ends) Stop() {
	_ = e.cc.Close()
	e.stop()
}

// serve implements the upstream.
func (e *Ends) serve(_ any, ss grpc.ServerStream) error {
	switch {
	case strings.HasSuffix(e.method, "/Download"):
		if err := ss.RecvMsg(nil); err != nil {
			return err
		}
		for range e.count.Load() {
			if err := ss.SendMsg(same{}); err != nil {
				return err
			}
		}
		return nil
	case strings.HasSuffix(e.method, "/Chat"):
		for {
			if err := ss.RecvMsg(nil); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			if err := ss.SendMsg(same{}); err != nil {
				return err
			}
		}
	default:
		for {
			if err := ss.RecvMsg(nil); err == io.EOF {
				return ss.SendMsg(same{})
			} else if err != nil {
				return err
			}
		}
	}
}

// Run makes a call with count messages in each direction that streams, or count calls
// of a unary method.
func (e *Ends) Run(ctx context.Context, count int) error {
	if strings.HasSuffix(e.method, "/Unary") {
		for range count {
			if err := e.cc.Invoke(ctx, e.method, same{}, same{}); err != nil {
				return err
			}
		}
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e.count.Store(int64(count))
	sent := count
	if strings.HasSuffix(e.method, "/Download") {
		sent = 1
	}
	cs, err := e.cc.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, e.method)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() {
		var err error
		for range sent {
			if err = cs.SendMsg(same{}); err != nil {
				break
			}
		}
		failed <- errors.Join(err, cs.CloseSend())
	}()
	for {
		if err := cs.RecvMsg(nil); err == io.EOF {
			return <-failed
		} else if err != nil {
			return err
		}
	}
}

// same represents the message.
type same struct{}

// sameCodec encodes every message as the same bytes.
type sameCodec struct{ data mem.BufferSlice }

func (sameCodec) Name() string                               { return "proto" }
func (c sameCodec) Marshal(any) (mem.BufferSlice, error)     { return c.data, nil }
func (sameCodec) Unmarshal(_ mem.BufferSlice, msg any) error { return nil }

// ATrip returns the bytes of a nested message.
func ATrip() ([]byte, error) {
	place := func(street string) *benchpb.Place {
		return &benchpb.Place{Street: street, City: "Springfield", Zip: 12345}
	}
	trip := &benchpb.Trip{
		Id:     "4f5c2b1e-0001",
		Driver: &benchpb.Person{Name: "Ada Lovelace", Home: place("Main Street 1")},
		Labels: map[string]string{"tenant": "a", "kind": "daily"},
	}
	for i := range 4 {
		trip.Legs = append(trip.Legs, &benchpb.Leg{From: place("Elm Street 2"), To: place("Oak Street 3"), Seconds: int64(1000 * i)})
	}
	b, err := proto.Marshal(trip)
	return b.Materialize(), err
}

// AMessage returns the bytes of a flat message with size bytes of data.
func AMessage(size int) ([]byte, error) {
	b, err := proto.Marshal(&benchpb.Message{Data: make([]byte, size)})
	return b.Materialize(), err
}
