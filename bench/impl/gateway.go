package impl

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"

	grpcproxy "github.com/mwitkow/grpc-proxy/proxy"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/gateway"
)

// Gateway is what stands between a client and an upstream.
type Gateway struct {
	Name  string
	start func(upstream string) (addr string, stop func(), err error)
}

// The gateways, for the services Bench and Nested. TypedGateway decodes all
// messages, RawGateway passes them on; RawAgain is that once more. StubAlone is a
// stub without package gateway. GRPCProxy is github.com/mwitkow/grpc-proxy.
// Relay copies bytes between two TCP connections, which is what nobody who reads
// HTTP/2 can reach, and Direct is no gateway at all.
var (
	TypedGateway = Gateway{"typed", func(upstream string) (string, func(), error) { return startGateway(upstream) }}
	RawGateway   = Gateway{"raw", func(upstream string) (string, func(), error) { return startGateway(upstream, gateway.Raw()) }}
	RawCodec     = Gateway{"raw-codec", func(upstream string) (string, func(), error) {
		return startServer(upstream, []grpc.ServerOption{grpc.ForceServerCodecV2(gateway.Codec(nil))}, func(server *grpc.Server, cc *grpc.ClientConn) {
			conn := gateway.Conn(cc, gateway.Raw())
			benchpb.RegisterBench(server, benchpb.NewBenchStub(conn))
			benchpb.RegisterNested(server, benchpb.NewNestedStub(conn))
		})
	}}
	RawAgain  = Gateway{"raw-again", RawGateway.start}
	StubAlone = Gateway{"stub", startStub}
	GRPCProxy = Gateway{"grpc-proxy", startGRPCProxy}
	Relay     = Gateway{"relay", startRelay}
	Direct    = Gateway{"direct", func(upstream string) (string, func(), error) { return upstream, func() {}, nil }}
)

func startGateway(upstream string, opts ...gateway.Option) (string, func(), error) {
	return startServer(upstream, nil, func(server *grpc.Server, cc *grpc.ClientConn) {
		conn := gateway.Conn(cc, opts...)
		benchpb.RegisterBench(server, benchpb.NewBenchStub(conn))
		benchpb.RegisterNested(server, benchpb.NewNestedStub(conn))
	})
}

func startStub(upstream string) (string, func(), error) {
	return startServer(upstream, nil, func(server *grpc.Server, cc *grpc.ClientConn) {
		benchpb.RegisterBench(server, benchpb.NewBenchStub(cc))
		benchpb.RegisterNested(server, benchpb.NewNestedStub(cc))
	})
}

func startGRPCProxy(upstream string) (string, func(), error) {
	codec := grpcproxy.Codec()
	var cc *grpc.ClientConn
	return startServer(upstream, []grpc.ServerOption{
		grpc.CustomCodec(codec), //nolint:staticcheck // it is how grpc-proxy says that it is used
		grpc.UnknownServiceHandler(grpcproxy.TransparentHandler(func(ctx context.Context, _ string) (context.Context, *grpc.ClientConn, error) {
			return ctx, cc, nil
		})),
	}, func(_ *grpc.Server, conn *grpc.ClientConn) { cc = conn }, grpc.CallCustomCodec(codec)) //nolint:staticcheck // likewise
}

// startServer starts a server with what register registers, and returns where it
// is and what ends it. register is given a connection to the upstream.
func startServer(upstream string, opts []grpc.ServerOption, register func(*grpc.Server, *grpc.ClientConn), callOpts ...grpc.CallOption) (string, func(), error) {
	cc, err := dial(upstream, callOpts...)
	if err != nil {
		return "", nil, err
	}
	server := grpc.NewServer(opts...)
	register(server, cc)
	lis, err := listen()
	if err != nil {
		return "", nil, errors.Join(err, cc.Close())
	}
	go server.Serve(lis) //nolint:errcheck // it ends with stop
	return lis.Addr().String(), func() {
		server.Stop()
		_ = cc.Close()
	}, nil
}

func dial(addr string, opts ...grpc.CallOption) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(opts...))
}

func startRelay(upstream string) (string, func(), error) {
	lis, err := listen()
	if err != nil {
		return "", nil, err
	}
	go func() {
		for {
			in, err := lis.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", upstream)
			if err != nil {
				_ = in.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(onlyWriter{way[1]}, way[0])
					_ = way[1].Close()
				}()
			}
		}
	}()
	return lis.Addr().String(), func() { _ = lis.Close() }, nil
}

// onlyWriter hides that the kernel could copy by itself: a gateway reads.
type onlyWriter struct{ io.Writer }

// Ends are a client and an upstream that encode and decode nothing, so that what
// is measured is what lies between them: each message is the same bytes.
type Ends struct {
	cc     *grpc.ClientConn
	method string
	count  *atomic.Int64 // of messages that the upstream is to send
	stop   func()
}

// StartEnds starts both with a gateway between them, for a method of a service
// such as "/benchpb.Nested/Chat", with this message.
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
	e.cc, err = dial(addr, grpc.ForceCodecV2(codec))
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

// Stop ends all.
func (e *Ends) Stop() {
	_ = e.cc.Close()
	e.stop()
}

// serve is the upstream.
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

// Run makes a call with count messages, in all directions that it has.
func (e *Ends) Run(ctx context.Context, count int) error {
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

// same stands for the message.
type same struct{}

// sameCodec takes every message for the same bytes.
type sameCodec struct{ data mem.BufferSlice }

func (sameCodec) Name() string                               { return "proto" }
func (c sameCodec) Marshal(any) (mem.BufferSlice, error)     { return c.data, nil }
func (sameCodec) Unmarshal(_ mem.BufferSlice, msg any) error { return nil }

// ATrip is a nested message, as bytes.
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

// AMessage is a flat message of so many bytes, as bytes.
func AMessage(size int) ([]byte, error) {
	b, err := proto.Marshal(&benchpb.Message{Data: make([]byte, size)})
	return b.Materialize(), err
}
