package stub_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/stub"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// leaveWithin is how long leaving a loop may take.
const leaveWithin = 50 * time.Millisecond

// hindering is a stream of an interceptor that delays.
type hindering struct {
	grpc.ClientStream
	receive func(m any, receive func(any) error) error
}

func (h hindering) RecvMsg(m any) error { return h.receive(m, h.ClientStream.RecvMsg) }

// Leaving a loop takes no longer than leaveWithin, whatever an interceptor does
// with what has arrived.
func TestLeavingALoopIsQuick(t *testing.T) {
	t.Parallel()
	var received, seen atomic.Int64
	interceptors := map[string]struct {
		receive  func(m any, receive func(any) error) error
		eventual bool // the interceptor sees the end, after the loop
	}{
		"slow": {func(m any, receive func(any) error) error {
			time.Sleep(2 * time.Millisecond)
			err := receive(m)
			if err != nil {
				seen.Add(1)
			}
			return err
		}, true},
		"hides the end": {func(m any, receive func(any) error) error {
			received.Add(1)
			if err := receive(m); status.Code(err) != codes.Canceled {
				return err
			}
			return nil
		}, false},
		"does not return": {func(m any, receive func(any) error) error {
			err := receive(m)
			if err != nil {
				time.Sleep(time.Hour)
			}
			return err
		}, false},
	}
	for kind, open := range loops {
		for name, in := range interceptors {
			for _, targets := range []bool{false, true} {
				if name == "hides the end" && targets == (kind == "bidirectional") {
					continue // a million messages each
				}
				t.Run(kind+"/"+name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						b := start(t, responding(func(yield func(*msg, error) bool) {
							for i := 1.0; yield(num(i), nil); i++ {
							}
						}), intercepted(func(cs grpc.ClientStream) grpc.ClientStream { return hindering{cs, in.receive} }))
						s := b.stub
						var header, trailer metadata.MD
						if targets {
							s = s.With(grpc.Header(&header), grpc.Trailer(&trailer))
						}
						var left time.Time
						var before int64
						for _, err := range open(t.Context(), s) {
							if err != nil {
								t.Error(err)
							}
							synctest.Wait() // for thousands of messages
							left, before = time.Now(), seen.Load()
							break
						}
						if took := time.Since(left); took > leaveWithin {
							t.Errorf("leaving took %v", took)
						}
						header, trailer = nil, nil // only this goroutine writes them
						time.Sleep(2 * time.Hour)
						if in.eventual && seen.Load() == before {
							t.Error("the interceptor has not seen the end")
						}
					})
				})
			}
		}
	}
	t.Cleanup(func() {
		if n := received.Load(); n > 2*(1<<20)+100_000 {
			t.Errorf("%d messages were received by two calls, want an end", n)
		}
	})
}

// deaf is a connection whose streams never end: each RecvMsg returns err.
type deaf struct {
	grpc.ClientConnInterface
	grpc.ClientStream
	received *atomic.Int64
	err      error
}

func (d deaf) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return d, nil
}
func (d deaf) Header() (metadata.MD, error) { return nil, nil }
func (d deaf) SendMsg(any) error            { return nil }
func (d deaf) CloseSend() error             { return nil }
func (d deaf) RecvMsg(any) error {
	d.received.Add(1)
	return d.err
}

// A server can send the same status as grpc's own for too many responses.
func TestAStatusLikeGrpcsOwnDoesNotHoldACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		received := new(atomic.Int64)
		tooMany := status.Error(codes.Internal, "cardinality violation: expected <EOF> for non server-streaming RPCs, but received another message")
		service := squares.NewSquareServiceStub(deaf{received: received, err: tooMany})
		_, err := service.SumSquare(t.Context(), count(1))
		wantCode(t, err, codes.Internal)
		synctest.Wait() // for the rest
		if n := received.Load(); n > 1<<20+1 {
			t.Errorf("RecvMsg was called %d times", n)
		}
	})
}

// wire is a connection whose stream calls its functions.
type wire struct {
	deaf
	send, receive func(any) error
}

func (w wire) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return w, nil
}
func (w wire) SendMsg(m any) error { return w.send(m) }
func (w wire) RecvMsg(m any) error { return w.receive(m) }

// keeping is a message to which a codec adds. It can be emptied in both ways.
type keeping struct{ n, resets, resetVTs int }

func (k *keeping) Reset()   { k.n, k.resets = 0, k.resets+1 }
func (k *keeping) ResetVT() { k.n, k.resetVTs = 0, k.resetVTs+1 }

// plain is a message without either.
type plain struct{ n int }

func TestReusedMessagesAreEmptied(t *testing.T) {
	t.Parallel()
	receive := func(add func(any)) stub.Stub {
		left := 3
		w := wire{send: func(any) error { return nil }, receive: func(m any) error {
			if left--; left < 0 {
				return status.Error(codes.Aborted, "end")
			}
			add(m)
			return nil
		}}
		return stub.New(w, &stub.ServiceHosts{Name: "s.S"}).With(stream.ReuseMessages())
	}
	desc := &grpc.StreamDesc{ServerStreams: true}
	for m, err := range stub.ServerStreaming(t.Context(), receive(func(m any) { m.(*keeping).n++ }), desc, "/s.S/M", new(plain), stub.Make[keeping]) {
		if err == nil && (m.n != 1 || m.resets != 0) {
			t.Errorf("message = %+v, want one that ResetVT has emptied", m)
		}
	}
	for m, err := range stub.ServerStreaming(t.Context(), receive(func(m any) { m.(*plain).n++ }), desc, "/s.S/M", new(plain), stub.Make[plain]) {
		if err == nil && m.n != 1 {
			t.Errorf("message = %+v, want an empty one with 1", m)
		}
	}
}
