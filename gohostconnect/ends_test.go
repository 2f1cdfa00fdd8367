package gohostconnect_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// eachWire runs test over each wire.
func eachWire(t *testing.T, test func(t *testing.T, w wire)) {
	t.Helper()
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			test(t, w)
		})
	}
}

// ofBidi describes the bidirectional method.
var ofBidi = &squares.SquareServiceDesc.Streams[2]

// bidiMethod is the full name of that method.
const bidiMethod = squares.SquareService_StreamrangeSquare_Method

// until waits for a value from a handler.
func until[T any](t *testing.T, ctx context.Context, c <-chan T) (told T) { //nolint:revive // t is first in tests
	t.Helper()
	select {
	case told = <-c:
	case <-ctx.Done():
		t.Fatal("the handler reports nothing")
	}
	return told
}

// The handler's context ends when the client leaves its loop or its context ends,
// whatever the call is doing.
func TestHandlerSeesTheEnd(t *testing.T) {
	t.Parallel()
	endless := func(yield func(*msg, error) bool) {
		for yield(big(64<<10), nil) {
		}
	}
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		ctx := within(t)
		begun, ended := make(chan struct{}, 1), make(chan error, 1)
		silent := func(ctx context.Context) {
			begun <- struct{}{}
			<-ctx.Done()
			ended <- ctx.Err()
		}
		speaking := func(ctx context.Context) msgs {
			return func(yield func(*msg, error) bool) {
				yield(num(1), nil)
				silent(ctx)
			}
		}
		s := w.serve(t, registering(fake{
			square: func(ctx context.Context, _ *msg) (*msg, error) { silent(ctx); return nil, ctx.Err() },
			ranges: func(ctx context.Context, _ *msg) msgs { return speaking(ctx) },
			sum: func(ctx context.Context, reqs msgs) (*msg, error) {
				if w.major == 1 { // while the request is incomplete, net/http notices nothing by itself
					go func() { _, _ = numbers(reqs) }()
				}
				silent(ctx)
				return nil, ctx.Err()
			},
			streams: func(ctx context.Context, _ msgs) msgs { return speaking(ctx) },
		}))
		leave := func(seq msgs) {
			for _, err := range seq {
				if err != nil {
					t.Error(err)
				}
				break
			}
		}
		soon := func() context.Context {
			ctx, cancel := context.WithCancel(ctx)
			go func() {
				<-begun
				time.Sleep(5 * time.Millisecond) // the client may be blocked in sending by then
				cancel()
			}()
			return ctx
		}
		canceled := func(what string, err error) {
			if status.Code(err) != codes.Canceled {
				t.Errorf("%s: error = %v, want Canceled", what, err)
			}
			if err := until(t, ctx, ended); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: the handler's context: %v", what, err)
			}
		}
		left := func(what string, seq msgs) {
			leave(seq)
			until(t, ctx, begun)
			canceled(what, status.Error(codes.Canceled, "left"))
		}
		_, err := s.stub.Square(soon(), num(1))
		canceled("unary", err)
		_, err = s.stub.SumSquare(soon(), stream.KeepOpen(ctx, stream.Of(num(1))))
		canceled("client streaming, a client that waits", err)
		_, err = s.stub.SumSquare(soon(), endless)
		canceled("client streaming, a client that sends", err)
		left("server streaming, left", s.stub.RangeSquare(ctx, num(1)))
		_, err = numbers(s.stub.RangeSquare(soon(), num(1)))
		canceled("server streaming", err)
		if !w.bidi() {
			return
		}
		left("bidirectional, left while the client waits", s.stub.StreamrangeSquare(ctx, stream.KeepOpen(ctx, stream.Of(num(1)))))
		left("bidirectional, left while the client sends", s.stub.StreamrangeSquare(ctx, endless))
		_, err = numbers(s.stub.StreamrangeSquare(soon(), stream.KeepOpen(ctx, stream.Of(num(1)))))
		canceled("bidirectional, a client that waits", err)
		_, err = numbers(s.stub.StreamrangeSquare(soon(), endless))
		canceled("bidirectional, a client that sends", err)
	})
}

// Whatever has arrived when the context ends is received, above all the status.
func TestWhatHadArrivedIsReceived(t *testing.T) {
	t.Parallel()
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		if !w.bidi() { // the cancellation closes the connection
			return
		}
		returned := make(chan struct{}, 1)
		s := w.serve(t, registering(fake{streams: func(ctx context.Context, _ msgs) msgs {
			return func(yield func(*msg, error) bool) {
				_ = grpc.SetTrailer(ctx, metadata.Pairs("end", "t"))
				returned <- struct{}{}
				if w.major > 0 && !yield(num(1), nil) { // within a process nothing is in transit
					return
				}
				yield(nil, status.Error(codes.DataLoss, "lost"))
			}
		}}))
		try := func() error {
			ctx, cancel := context.WithCancel(within(t))
			defer cancel()
			var trailer metadata.MD
			cs, err := s.conn.NewStream(ctx, ofBidi, bidiMethod, grpc.Trailer(&trailer))
			if err != nil {
				return err
			}
			until(t, ctx, returned)
			if _, err := cs.Header(); err != nil {
				return err
			}
			time.Sleep(10 * time.Millisecond) // time for the end to arrive
			cancel()
			if w.major > 0 {
				if err := cs.RecvMsg(new(msg)); err != nil {
					return err
				}
			}
			err = cs.RecvMsg(new(msg))
			if again := cs.RecvMsg(new(msg)); again != err { //nolint:errorlint // it is the same
				t.Errorf("RecvMsg, and again: %v, %v", err, again)
			}
			if status.Code(err) == codes.DataLoss && len(trailer.Get("end")) != 1 {
				t.Errorf("trailer = %v", trailer)
			}
			return err
		}
		for range 100 { // the machine may be slow
			if err := try(); status.Code(err) == codes.DataLoss {
				return
			} else if status.Code(err) != codes.Canceled {
				t.Fatal(err)
			}
		}
		t.Error("the status of the server is never received")
	})
}

// A call without a RecvMsg also ends with its context.
func TestACallThatIsLeftAlone(t *testing.T) {
	t.Parallel()
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		if !w.bidi() {
			return
		}
		ended := make(chan error, 1)
		s := w.serve(t, registering(fake{streams: func(ctx context.Context, _ msgs) msgs {
			return func(yield func(*msg, error) bool) {
				yield(num(1), nil)
				<-ctx.Done()
				ended <- ctx.Err()
			}
		}}))
		ctx, cancel := context.WithCancel(within(t))
		finished := make(chan error, 1)
		var header, trailer metadata.MD
		cs, err := s.conn.NewStream(ctx, ofBidi, bidiMethod, grpc.Header(&header), grpc.Trailer(&trailer), grpc.OnFinish(func(err error) { finished <- err }))
		if err != nil {
			t.Fatal(err)
		}
		if err := cs.RecvMsg(new(msg)); err != nil {
			t.Error(err)
		}
		cancel()
		wantCode(t, until(t, within(t), finished), codes.Canceled)
		if err := until(t, within(t), ended); !errors.Is(err, context.Canceled) {
			t.Errorf("the handler's context: %v", err)
		}
		trailer.Set("mine", "now") // only this goroutine may use the map
		header.Set("mine", "now")
		if got, err := cs.Header(); err != nil || len(got.Get("mine")) != 0 || len(cs.Trailer().Get("mine")) != 0 {
			t.Errorf("Header = %v (%v), Trailer = %v: that is the target's", got, err, cs.Trailer())
		}
		for range 2 {
			wantCode(t, cs.RecvMsg(new(msg)), codes.Canceled)
		}
	})
}

// The requests of an aborted call never look complete.
func TestAnAbortIsNoHalfClose(t *testing.T) {
	t.Parallel()
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		ended := make(chan error, 100)
		s := w.serve(t, registering(fake{sum: func(_ context.Context, reqs msgs) (*msg, error) {
			_, err := numbers(reqs)
			ended <- err
			return num(1), err
		}}))
		for i := range 100 {
			ctx, cancel := context.WithCancel(within(t))
			time.AfterFunc(time.Duration(i)*50*time.Microsecond, cancel)
			_, err := s.stub.SumSquare(ctx, func(yield func(*msg, error) bool) {
				for yield(big(i), nil) {
				}
				<-ctx.Done()
			})
			wantCode(t, err, codes.Canceled)
			cancel()
		}
		if s.web != nil {
			s.web.Close() // waits for the handlers
		}
		for {
			select {
			case err := <-ended:
				if err == nil {
					t.Fatal("a handler has seen a half-close")
				}
			default:
				return
			}
		}
	})
}

// A server that dies in mid-stream is Unavailable, also in the middle of a
// message.
func TestServerDies(t *testing.T) {
	t.Parallel()
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		if w.major == 0 {
			return
		}
		s := w.serve(t, registering(fake{
			ranges: func(ctx context.Context, _ *msg) msgs {
				return func(yield func(*msg, error) bool) {
					yield(num(1), nil)
					<-ctx.Done()
				}
			},
			sum: func(_ context.Context, reqs msgs) (*msg, error) {
				_, err := numbers(reqs)
				return nil, err
			},
		}))
		n := 0
		for _, err := range s.stub.RangeSquare(within(t), num(1)) {
			if n++; n == 1 && err == nil {
				s.web.CloseClientConnections()
				continue
			}
			wantCode(t, err, codes.Unavailable)
		}
		if n != 2 {
			t.Errorf("%d yields, want a message and an error", n)
		}
		_, err := s.stub.SumSquare(within(t), func(yield func(*msg, error) bool) {
			yield(num(1), nil)
			time.AfterFunc(20*time.Millisecond, s.web.CloseClientConnections)
			for yield(num(1), nil) {
				time.Sleep(time.Millisecond)
			}
		})
		wantCode(t, err, codes.Unavailable)
	})
}

// A goroutine of the handler may be receiving when the handler returns.
func TestReceivingBehindTheHandler(t *testing.T) {
	t.Parallel()
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		behind := make(chan error, 1)
		s := w.serve(t, registering(fake{sum: func(_ context.Context, reqs msgs) (*msg, error) {
			for range reqs { //nolint:errcheck // only the iteration counts
				break
			}
			go func() {
				_, err := numbers(reqs)
				behind <- err
			}()
			return num(7), nil
		}}))
		ctx := within(t)
		for range 20 {
			res, err := s.stub.SumSquare(ctx, stream.KeepOpen(ctx, stream.Of(num(1))))
			if err != nil || res.GetMessage() != 7 {
				t.Errorf("SumSquare = %v, %v", res, err)
			}
			wantCode(t, until(t, ctx, behind), codes.Canceled)
		}
	})
}

// An empty message empties the message that it is received into, on both sides.
func TestAnEmptyMessageIsEmpty(t *testing.T) {
	t.Parallel()
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		if !w.bidi() {
			return
		}
		echo := squares.SquareServiceDesc
		echo.Streams = []grpc.StreamDesc{*ofBidi}
		echo.Streams[0].Handler = func(_ any, ss grpc.ServerStream) error {
			m := new(msg)
			for ss.RecvMsg(m) == nil {
				if err := ss.SendMsg(num(m.GetMessage())); err != nil {
					return err
				}
			}
			return nil
		}
		s := w.serve(t, func(r grpc.ServiceRegistrar) { r.RegisterService(&echo, squarer) })
		cs, err := s.conn.NewStream(within(t), ofBidi, bidiMethod)
		if err != nil {
			t.Fatal(err)
		}
		m := new(msg)
		for _, n := range []float64{5, 0, 3, 0} {
			if err := errors.Join(cs.SendMsg(num(n)), cs.RecvMsg(m)); err != nil || m.GetMessage() != n {
				t.Errorf("got %v (%v), want %v", m.GetMessage(), err, n)
			}
		}
		_ = cs.CloseSend()
		for cs.RecvMsg(m) == nil {
		}
	})
}

// A call that ends before its request has been sent behaves alike.
func TestReceivingWithoutARequest(t *testing.T) {
	t.Parallel()
	eachWire(t, func(t *testing.T, w wire) { //nolint:thelper // it is the test
		s := w.serve(t, registering(squarer))
		ctx, cancel := context.WithCancel(within(t))
		cs, err := s.conn.NewStream(ctx, &squares.SquareServiceDesc.Streams[0], squares.SquareService_RangeSquare_Method)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(10*time.Millisecond, cancel)
		wantCode(t, cs.RecvMsg(new(msg)), codes.Canceled)
	})
}
