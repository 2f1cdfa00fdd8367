package stub_test

import (
	"context"
	"io"
	"iter"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/stub"
)

type message struct{ _ int } // of some size, or it costs no allocation

// transport is a connection and a stream of count messages. It allocates
// nothing.
type transport struct {
	grpc.ClientConnInterface
	grpc.ServerStream
	left int
	sent chan struct{} // if not nil, the response comes when the requests have ended
}

func (t *transport) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return nil }

func (t *transport) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return t, nil
}

func (t *transport) Context() context.Context     { return context.Background() }
func (t *transport) Header() (metadata.MD, error) { return nil, nil }
func (t *transport) Trailer() metadata.MD         { return nil }
func (t *transport) CloseSend() error {
	if t.sent != nil {
		close(t.sent)
	}
	return nil
}
func (t *transport) SendMsg(any) error { return nil }
func (t *transport) RecvMsg(any) error {
	if t.sent != nil {
		<-t.sent
	}
	if t.left == 0 {
		return io.EOF
	}
	t.left--
	return nil
}

// perMessage returns how many allocations one more message costs.
func perMessage(t *testing.T, stream func(t *transport, count int)) float64 {
	t.Helper()
	const few, many = 10, 1010
	allocations := func(count int) float64 {
		return testing.AllocsPerRun(10, func() { stream(&transport{left: count}, count) })
	}
	return (allocations(many) - allocations(few)) / (many - few)
}

// Receiving a message costs one allocation, the message itself. Sending one, or
// receiving into a reused message, costs none.
func TestAllocations(t *testing.T) { //nolint:paralleltest // allocations of other tests would be counted
	var (
		desc    = &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
		service = &stub.ServiceHosts{Name: "s.S", Host: "s.example"}
		msg     = new(message)
	)
	repeat := func(count int) iter.Seq2[*message, error] {
		return func(yield func(*message, error) bool) {
			for range count {
				if !yield(msg, nil) {
					return
				}
			}
		}
	}
	download := func(opts ...grpc.CallOption) func(*transport, int) {
		return func(tr *transport, _ int) {
			for _, err := range stub.ServerStreaming(t.Context(), stub.New(tr, service).With(opts...), desc, "/s.S/M", msg, stub.Make[message]) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	receiveAll := func(_ context.Context, msgs iter.Seq2[*message, error]) (*message, error) {
		for _, err := range msgs {
			if err != nil {
				return nil, err
			}
		}
		return msg, nil
	}
	tests := map[string]struct {
		stream func(*transport, int)
		want   float64
	}{
		"client receives":       {download(), 1},
		"client receives again": {download(stream.ReuseMessages()), 0},
		"client sends": {func(tr *transport, count int) {
			tr.left, tr.sent = 1, make(chan struct{})
			if _, err := stub.ClientStreaming(t.Context(), stub.New(tr, service), desc, "/s.S/M", repeat(count), msg); err != nil {
				t.Fatal(err)
			}
		}, 0},
		"server sends": {func(tr *transport, count int) {
			err := stub.HandleServerStreaming(tr, "/s.S/M", func(context.Context, *message) iter.Seq2[*message, error] { return repeat(count) })
			if err != nil {
				t.Fatal(err)
			}
		}, 0},
		"server receives": {func(tr *transport, _ int) {
			if err := stub.HandleClientStreaming(tr, "/s.S/M", stub.Make[message], receiveAll); err != nil {
				t.Fatal(err)
			}
		}, 1},
	}
	for name, test := range tests { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) {
			if got := perMessage(t, test.stream); got != test.want {
				t.Errorf("a message costs %v allocations, want %v", got, test.want)
			}
		})
	}
	t.Run("unary call", func(t *testing.T) {
		s := stub.New(new(transport), service)
		got := testing.AllocsPerRun(100, func() {
			if _, err := stub.Unary(t.Context(), s, "/s.S/M", msg, msg); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 {
			t.Errorf("a call with a host costs %v allocations, want none", got)
		}
	})
}
