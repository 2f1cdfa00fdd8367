package stub_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
)

func TestAConversationOverAConnectionIsInStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.Open(t.Context(), start(t, squarer).stub.StreamrangeSquare)
		defer c.Close()
		for i := range 100 {
			if err := c.Send(num(float64(i))); err != nil {
				t.Fatal(err)
			}
			if res, err := c.Recv(); err != nil || res.GetMessage() != float64(i*i) {
				t.Fatalf("Recv = (%v, %v), want %d", res, err, i*i)
			}
		}
		for i := range 10 { // and ahead: flow control has room for it
			if err := c.Send(num(float64(i))); err != nil {
				t.Fatal(err)
			}
		}
		c.CloseSend()
		for i := range 10 {
			if res, err := c.Recv(); err != nil || res.GetMessage() != float64(i*i) {
				t.Fatalf("Recv = (%v, %v), want %d", res, err, i*i)
			}
		}
		if _, err := c.Recv(); err != io.EOF {
			t.Errorf("Recv = %v, want io.EOF", err)
		}
	})
}

func TestAConversationMayFloodBothWays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 200
		c := stream.Open(t.Context(), start(t, squarer).stub.StreamrangeSquare)
		defer c.Close()
		sent := make(chan error, 1)
		go func() {
			var err error
			for i := 0; i < n && err == nil; i++ {
				err = c.Send(big(float64(i), 64<<10)) // waits for flow control
			}
			c.CloseSend()
			sent <- err
		}()
		for i := range n {
			if res, err := c.Recv(); err != nil || res.GetMessage() != float64(i*i) {
				t.Fatalf("Recv = (%v, %v), want %d", res, err, i*i)
			}
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	})
}

func TestAConversationThatTheServerEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, fake{streams: func(context.Context, msgs) msgs {
			return func(yield func(*msg, error) bool) {
				_ = yield(num(1), nil) && yield(nil, status.Error(codes.Aborted, "enough"))
			}
		}})
		c := stream.Open(t.Context(), b.stub.StreamrangeSquare)
		if _, err := c.Recv(); err != nil {
			t.Error(err)
		}
		_, err := c.Recv()
		wantCode(t, err, codes.Aborted)
		if err := c.Send(num(1)); err != io.EOF {
			t.Errorf("Send = %v, want io.EOF", err)
		}
		c.Close()
		_, err = c.Recv()
		wantCode(t, err, codes.Aborted) // as before
	})
}

// Not parallel: goroutines are counted.
func TestCloseReleasesAConversation(t *testing.T) { //nolint:paralleltest // goroutines are counted
	ended := make(chan error, 1)
	b := start(t, fake{streams: func(ctx context.Context, reqs msgs) msgs {
		return func(yield func(*msg, error) bool) {
			_ = grpc.SetHeader(ctx, metadata.Pairs("header", "h"))
			yield(num(1), nil)
			_, err := collect(reqs)
			if ctx.Err() == nil {
				err = errors.New("the context goes on")
			}
			ended <- err
		}
	}})
	converse := func() {
		var header, trailer metadata.MD
		c := stream.Open(t.Context(), b.stub.With(grpc.Header(&header), grpc.Trailer(&trailer)).StreamrangeSquare)
		if err := c.Send(num(1)); err != nil {
			t.Error(err)
		}
		if _, err := c.Recv(); err != nil {
			t.Error(err)
		}
		c.Close()
		trailer.Set("mine", "now") // nobody else uses it
		if len(header.Get("header")) != 1 {
			t.Errorf("header = %v, want that of the server", header)
		}
		wantCode(t, <-ended, codes.Canceled)
	}
	converse() // connects
	before := goleak.IgnoreCurrent()
	for range 1000 {
		converse()
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}
