package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// byteCodec uses a *[]byte as a message.
type byteCodec struct{}

func (byteCodec) Name() string { return "" }

func (byteCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (byteCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// mirror is an upstream that answers each message with itself and records it.
// If there is one response, it comes after all requests.
type mirror struct {
	several     bool
	seen        [][]byte
	contentType []string
}

func (m *mirror) serve(_ any, ss grpc.ServerStream) error {
	m.contentType = metadata.ValueFromIncomingContext(ss.Context(), "content-type")
	var last []byte
	for {
		var b []byte
		err := ss.RecvMsg(&b)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		m.seen, last = append(m.seen, b), b
		if m.several {
			if err := ss.SendMsg(&b); err != nil {
				return err
			}
		}
	}
	if m.several {
		return nil
	}
	return ss.SendMsg(&last)
}

// exchange sends messages unchanged, and returns those that come back.
func exchange(ctx context.Context, conn *grpc.ClientConn, method string, messages [][]byte, opts ...grpc.CallOption) (got [][]byte, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cs, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, method,
		append(opts, grpc.ForceCodecV2(byteCodec{}), gohost.Host(publicHost))...)
	if err != nil {
		return nil, err
	}
	go func() {
		for _, m := range messages {
			_ = cs.SendMsg(&m)
		}
		_ = cs.CloseSend()
	}()
	for {
		var b []byte
		if err := cs.RecvMsg(&b); err == io.EOF {
			return got, nil
		} else if err != nil {
			return got, err
		}
		got = append(got, b)
	}
}

// messages have the type of the squares: double message = 1.
var (
	canonical = [][]byte{
		{},
		{0x09, 0, 0, 0, 0, 0, 0, 8, 64},
		append([]byte{0xa2, 6, 0x80, 0x80, 4}, make([]byte, 1<<16)...), // an unknown field
	}
	strange = [][]byte{
		{0x09, 0, 0, 0, 0, 0, 0, 0, 0},                                              // an explicit zero
		{0x10, 1, 0x09, 0, 0, 0, 0, 0, 0, 8, 64, 0x10, 2},                           // an unknown field at both ends
		{0x09, 1, 0, 0, 0, 0, 0, 8, 64, 0x09, 2, 0, 0, 0, 0, 0, 8, 64},              // the same twice
		{0x89, 0x80, 0x00, 0, 0, 0, 0, 0, 0, 8, 64},                                 // an overlong tag
		append([]byte{0x10, 1, 0x0a, 0xd0, 0x0f}, bytes.Repeat([]byte{7}, 2000)...), // another type
	}
)

func TestRawMessagesAreTheSameBytes(t *testing.T) {
	t.Parallel()
	eachOf(t, modes, func(t *testing.T, m mode, k kind) {
		messages := canonical
		if m.opts != nil {
			messages = slices.Concat(canonical, strange)
		}
		for i, send := range rounds(k, messages) {
			upstream := &mirror{several: k.answers}
			w := setup{
				upstreamServer: []grpc.ServerOption{grpc.ForceServerCodecV2(byteCodec{}), grpc.UnknownServiceHandler(upstream.serve)},
				unregistered:   true,
			}.start(t, m)
			got, err := exchange(t.Context(), w.conn, fullMethods[k.name], send)
			if err != nil {
				t.Fatalf("round %d: %v", i, err)
			}
			if !slices.EqualFunc(send, upstream.seen, bytes.Equal) {
				t.Errorf("round %d: requests are %.20x, want %.20x", i, upstream.seen, send)
			}
			if diff := cmp.Diff([]string{"application/grpc"}, upstream.contentType); diff != "" {
				t.Errorf("round %d: content-type (-want +got):\n%s", i, diff)
			}
			want := send
			if !k.answers {
				want = send[len(send)-1:]
			}
			if !slices.EqualFunc(want, got, bytes.Equal) {
				t.Errorf("round %d: responses are %.20x, want %.20x", i, got, want)
			}
		}
	})
}

// rounds returns the messages of each call.
func rounds(k kind, messages [][]byte) [][][]byte {
	if k.requests {
		return [][][]byte{messages}
	}
	var rounds [][][]byte
	for _, m := range messages {
		rounds = append(rounds, [][]byte{m})
	}
	return rounds
}

// Invalid messages pass the gateway: the upstream and the client refuse them.
func TestRawMessagesAreNotLookedAt(t *testing.T) {
	t.Parallel()
	eachOf(t, modes, func(t *testing.T, m mode, k kind) {
		var asked atomic.Bool
		w := setup{upstream: squarer, upstreamServer: []grpc.ServerOption{grpc.StatsHandler(statsHandler(func(context.Context, stats.RPCStats) { asked.Store(true) }))}}.start(t, m)
		_, err := exchange(t.Context(), w.conn, fullMethods[k.name], [][]byte{{0xff, 0xff}})
		if wantCode(t, err, codes.Internal); m.opts != nil && !asked.Load() {
			t.Error("the gateway has refused it")
		}
	})
}

// statsHandler is called with what happens in calls.
type statsHandler func(context.Context, stats.RPCStats)

func (h statsHandler) HandleRPC(ctx context.Context, s stats.RPCStats)                 { h(ctx, s) }
func (statsHandler) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (statsHandler) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (statsHandler) HandleConn(context.Context, stats.ConnStats)                       {}

// types records the types of the messages that pass.
type types struct {
	mu   sync.Mutex
	seen map[string]int
}

func (s *types) see(where string, m any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = make(map[string]int)
	}
	if f, ok := m.(*gateway.Frame); ok { // what an interceptor can do with a frame
		if n := new(msg); proto.Unmarshal(f.Bytes(), n) != nil || n.GetMessage() != 3 && n.GetMessage() != 9 || f.Len() != 9 || f.String() != "a frame of 9 bytes" {
			m = fmt.Sprintf("%v with %v", f, n)
		}
	}
	s.seen[fmt.Sprintf("%s: %T", where, m)]++
}

// seeCodec records whether the call has a codec that does not copy.
func (s *types) seeCodec(opts []grpc.CallOption) {
	for _, opt := range opts {
		if opt, ok := opt.(grpc.ForceCodecV2CallOption); ok {
			s.see("client codec", opt.CodecV2)
		}
	}
}

type seenServerStream struct {
	grpc.ServerStream
	*types
}

func (s seenServerStream) RecvMsg(m any) error {
	err := s.ServerStream.RecvMsg(m)
	if err == nil {
		s.see("server RecvMsg", m)
	}
	return err
}

func (s seenServerStream) SendMsg(m any) error {
	s.see("server SendMsg", m)
	return s.ServerStream.SendMsg(m)
}

type seenClientStream struct {
	grpc.ClientStream
	*types
}

func (s seenClientStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err == nil {
		s.see("client RecvMsg", m)
	}
	return err
}

func (s seenClientStream) SendMsg(m any) error {
	s.see("client SendMsg", m)
	return s.ClientStream.SendMsg(m)
}

func (s *types) server() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			s.see("server RecvMsg", req)
			res, err := handler(ctx, req)
			if err == nil {
				s.see("server SendMsg", res)
			}
			return res, err
		}),
		grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return handler(srv, seenServerStream{ss, s})
		}),
		grpc.StatsHandler(statsHandler(func(_ context.Context, what stats.RPCStats) {
			switch what := what.(type) {
			case *stats.InPayload:
				s.see("server InPayload", what.Payload)
			case *stats.OutPayload:
				s.see("server OutPayload", what.Payload)
			case *stats.Begin, *stats.End:
				s.see("server", what)
			}
		})),
	}
}

func (s *types) dial() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			s.seeCodec(opts)
			s.see("client SendMsg", req)
			err := invoker(ctx, method, req, reply, cc, opts...)
			if err == nil {
				s.see("client RecvMsg", reply)
			}
			return err
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			s.seeCodec(opts)
			cs, err := streamer(ctx, desc, cc, method, opts...)
			return seenClientStream{cs, s}, err
		}),
		grpc.WithStatsHandler(statsHandler(func(_ context.Context, what stats.RPCStats) {
			switch what := what.(type) {
			case *stats.InPayload:
				s.see("client InPayload", what.Payload)
			case *stats.OutPayload:
				s.see("client OutPayload", what.Payload)
			case *stats.Begin, *stats.End:
				s.see("client", what)
			}
		})),
	}
}

// tagged is a stub type with its own methods.
type tagged squares.SquareServiceStub

func (s tagged) Square(ctx context.Context, req *msg) (*msg, error) {
	return stubOf(s).Square(ctx, req)
}
func (s tagged) RangeSquare(ctx context.Context, req *msg) msgs {
	return stubOf(s).RangeSquare(ctx, req)
}
func (s tagged) SumSquare(ctx context.Context, reqs msgs) (*msg, error) {
	return stubOf(s).SumSquare(ctx, reqs)
}
func (s tagged) StreamrangeSquare(ctx context.Context, reqs msgs) msgs {
	return stubOf(s).StreamrangeSquare(ctx, reqs)
}

// embedding has a stub and something else.
type embedding struct{ squares.SquareServiceStub }

// jsonCodec is the codec of clients that use JSON.
type jsonCodec struct{}

func (jsonCodec) Name() string                    { return "json" }
func (jsonCodec) Marshal(v any) ([]byte, error)   { return protojson.Marshal(v.(proto.Message)) }
func (jsonCodec) Unmarshal(b []byte, v any) error { return protojson.Unmarshal(b, v.(proto.Message)) }

func init() { encoding.RegisterCodec(jsonCodec{}) }

// With Raw, everything around a call sees each message once as a frame;
// otherwise nothing sees frames.
func TestWhereMessagesAreFrames(t *testing.T) {
	t.Parallel()
	raw := []gateway.Option{gateway.Raw()}
	byMux := func(r grpc.ServiceRegistrar, register func(*gohost.Mux)) {
		mux := new(gohost.Mux)
		register(mux)
		if err := mux.Mount(r); err != nil {
			panic(err)
		}
	}
	for name, test := range map[string]struct {
		opts     []gateway.Option
		register func(r grpc.ServiceRegistrar, s stubOf)
		call     []grpc.CallOption
		frames   bool
	}{
		"a stub":           {opts: raw, frames: true},
		"a pointer to one": {opts: raw, frames: true, register: func(r grpc.ServiceRegistrar, s stubOf) { squares.RegisterSquareService(r, &s) }},
		"one with an option": {opts: raw, frames: true, register: func(r grpc.ServiceRegistrar, s stubOf) {
			squares.RegisterSquareService(r, s.With(grpc.WaitForReady(true)))
		}},
		"requests are reused": {opts: raw, frames: true, register: func(r grpc.ServiceRegistrar, s stubOf) { squares.RegisterSquareService(stream.ReuseRequests(r), s) }},
		"responses are reused": {opts: raw, frames: true, register: func(r grpc.ServiceRegistrar, s stubOf) {
			squares.RegisterSquareService(r, s.With(stream.ReuseMessages()))
		}},
		"in a Mux": {opts: raw, frames: true, register: func(r grpc.ServiceRegistrar, s stubOf) {
			byMux(r, func(mux *gohost.Mux) { squares.RegisterSquareService(mux.Host(publicHost), s) })
		}},
		"in a Mux, beside others": {opts: raw, frames: true, register: func(r grpc.ServiceRegistrar, s stubOf) {
			byMux(r, func(mux *gohost.Mux) {
				squares.RegisterSquareService(mux.Default(), squarer)
				squares.RegisterSquareService(mux.Host(publicHost), s)
			})
		}},
		"the content-type says proto": {opts: raw, frames: true, call: []grpc.CallOption{grpc.CallContentSubtype("proto")}},
		"compressed":                  {opts: raw, frames: true, call: []grpc.CallOption{grpc.UseCompressor(gzip.Name)}},

		"without Raw":         {},
		"another codec":       {opts: raw, call: []grpc.CallOption{grpc.CallContentSubtype("json")}},
		"something around it": {opts: raw, register: decorated(func(error) {})},
		"embedded":            {opts: raw, register: func(r grpc.ServiceRegistrar, s stubOf) { squares.RegisterSquareService(r, embedding{s}) }},
		"another type":        {opts: raw, register: func(r grpc.ServiceRegistrar, s stubOf) { squares.RegisterSquareService(r, tagged(s)) }},
		"a codec in the stub": {opts: raw, register: func(r grpc.ServiceRegistrar, s stubOf) {
			squares.RegisterSquareService(r, s.With(grpc.ForceCodec(jsonCodec{})))
		}},
		"a subtype in the stub": {opts: raw, register: func(r grpc.ServiceRegistrar, s stubOf) {
			squares.RegisterSquareService(r, s.With(grpc.CallContentSubtype("json")))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, k := range kinds {
				t.Run(k.name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						var seen types
						w := setup{upstream: squarer, server: seen.server(), dial: seen.dial(), register: test.register}.start(t, mode{opts: test.opts})
						if o := k.call(t.Context(), w.client.With(test.call...), 3); o.err != nil || len(o.got) != 1 || o.got[0] != 9 {
							t.Fatalf("the client has %+v", o)
						}
						synctest.Wait()
						of := "*squares.Message"
						if test.frames {
							of = "*frame.Frame"
						}
						want := map[string]int{"client: *stats.Begin": 1, "client: *stats.End": 1, "server: *stats.Begin": 1, "server: *stats.End": 1}
						for _, where := range []string{"SendMsg", "RecvMsg", "OutPayload", "InPayload"} {
							want["client "+where+": "+of], want["server "+where+": "+of] = 1, 1
						}
						if test.frames {
							want["client codec: frame.Codec"] = 1
						}
						if diff := cmp.Diff(want, seen.seen); diff != "" {
							t.Errorf("seen (-want +got):\n%s", diff)
						}
					})
				})
			}
		})
	}
}

// An interceptor that needs messages must notice that it has none.
func TestAFrameIsNoMessage(t *testing.T) {
	t.Parallel()
	frame := any(new(gateway.Frame))
	if _, ok := frame.(proto.Message); ok {
		t.Error("a frame is a proto.Message: a validator would find nothing in it, and let it pass")
	}
	if v, ok := frame.(interface{ Validate() error }); !ok || v.Validate() == nil {
		t.Error("Validate lets a frame pass")
	}
	if v, ok := frame.(interface{ ValidateAll() error }); !ok || v.ValidateAll() == nil {
		t.Error("ValidateAll lets a frame pass")
	}
}

func TestAHostCheckWorks(t *testing.T) {
	t.Parallel()
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		t.Fatal(err)
	}
	eachOf(t, modes, func(t *testing.T, m mode, k kind) {
		w := setup{upstream: squarer, server: []grpc.ServerOption{grpc.UnaryInterceptor(check.Unary), grpc.StreamInterceptor(check.Stream)}}.start(t, m)
		wantCode(t, k.call(t.Context(), w.client, 3).err, codes.Unimplemented)
		wantCode(t, k.call(t.Context(), w.client.With(gohost.Host(squares.SquareServiceHost)), 3).err, codes.OK)
	})
}

func TestLimitsOfSizesHold(t *testing.T) {
	t.Parallel()
	const limit = 1 << 10
	large := func(_ context.Context, reqs msgs, send func(*msg) bool) error {
		_, err := stream.Collect(reqs)
		send(big(1, 2*limit))
		return err
	}
	for name, test := range map[string]struct {
		setup setup
		size  int // of the request
	}{
		"of the request, received": {setup{upstream: squarer, server: []grpc.ServerOption{grpc.MaxRecvMsgSize(limit)}}, 2 * limit},
		"of the request, sent":     {setup{upstream: squarer, dial: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(limit))}}, 2 * limit},
		"of the response, sent":    {setup{upstream: service(large), server: []grpc.ServerOption{grpc.MaxSendMsgSize(limit)}}, 1},
		"of the response, received": {
			setup{upstream: service(large), dial: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(limit))}}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachOf(t, modes, func(t *testing.T, m mode, k kind) {
				o := k.callWith(t.Context(), test.setup.start(t, m).client, stream.Of(big(3, test.size)))
				if wantCode(t, o.err, codes.ResourceExhausted); o.err != nil && strings.Contains(o.err.Error(), upstreamHost) {
					t.Errorf("error = %v", o.err)
				}
			})
		})
	}
}

// Frames of many streams, whose memory is reused, are not mixed up, whatever
// interceptors do with them, even later.
func TestFramesAreNotMixedUp(t *testing.T) {
	t.Parallel()
	for _, m := range modes[1:] {
		for _, name := range []string{"", gzip.Name} {
			t.Run(m.name+" "+name, func(t *testing.T) {
				t.Parallel()
				const streams, count = 4, 30
				var reading sync.WaitGroup
				w := setup{upstream: service(func(_ context.Context, reqs msgs, send func(*msg) bool) error {
					for req, err := range reqs {
						if err != nil || !send(req) {
							return err
						}
					}
					return nil
				}), server: []grpc.ServerOption{grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
					return handler(srv, lateReader{ss, &reading})
				})}}.start(t, m)
				var running sync.WaitGroup
				for s := range streams {
					running.Add(1)
					go func() {
						defer running.Done()
						var opts []grpc.CallOption
						if name != "" {
							opts = append(opts, grpc.UseCompressor(name))
						}
						message := func(i int) *msg { return big(float64(s*count+i), (i*7919)%(40<<10)) }
						i := 0
						for res, err := range w.client.With(opts...).StreamrangeSquare(t.Context(), func(yield func(*msg, error) bool) {
							for i := range count {
								if !yield(message(i), nil) {
									return
								}
							}
						}) {
							if err != nil || !proto.Equal(res, message(i)) {
								t.Errorf("stream %d, message %d: %v, error %v", s, i, res.GetMessage(), err)
								return
							}
							i++
						}
						if i != count {
							t.Errorf("stream %d has %d messages, want %d", s, i, count)
						}
					}()
				}
				running.Wait()
				reading.Wait()
			})
		}
	}
}

// lateReader reads messages when they have been passed on.
type lateReader struct {
	grpc.ServerStream
	reading *sync.WaitGroup
}

func (l lateReader) RecvMsg(m any) error {
	err := l.ServerStream.RecvMsg(m)
	l.reading.Add(1)
	go func() {
		defer l.reading.Done()
		m.(*gateway.Frame).Bytes()
	}()
	return err
}

func (l lateReader) SendMsg(m any) error {
	l.reading.Add(1)
	go func() {
		defer l.reading.Done()
		m.(*gateway.Frame).Bytes()
	}()
	return l.ServerStream.SendMsg(m)
}
