package stub_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
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
		for i := range 10 { // and ahead: flow control has room
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
				err = errors.New("the context continues")
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
		trailer.Set("mine", "now") // only this goroutine uses it
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

// answersThenFails answers the first request, and fails on the second.
var answersThenFails = fake{streams: func(_ context.Context, reqs msgs) msgs {
	return func(yield func(*msg, error) bool) {
		n := 0
		for range reqs { //nolint:errcheck // only the end counts
			if n++; n == 2 {
				yield(nil, status.Error(codes.Aborted, "enough"))
				return
			}
			yield(num(1), nil)
		}
	}
}}

// wantRest receives n responses and then, again and again, the code.
func wantRest(t *testing.T, c *stream.Conversation[*msg, *msg], n int, want codes.Code) {
	t.Helper()
	for i := range n {
		if res, err := c.Recv(); err != nil || res.GetMessage() != float64(i+1) {
			t.Errorf("Recv = (%v, %v), want the response %d", res, err, i+1)
		}
	}
	for range 3 {
		_, err := c.Recv()
		wantCode(t, err, want)
	}
}

// Send learns of the end even without a receiver, and what had arrived is kept.
func TestSendLearnsOfTheEnd(t *testing.T) {
	t.Parallel()
	ends := map[string]struct {
		end  func(backend)
		want codes.Code
	}{
		"the handler fails":     {func(backend) {}, codes.Aborted},
		"the server stops":      {func(b backend) { b.stop() }, codes.Aborted},
		"the connection closes": {func(b backend) { b.closeConn() }, codes.Aborted},
	}
	for name, test := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, answersThenFails)
				c := stream.Open(t.Context(), b.stub.StreamrangeSquare)
				defer c.Close()
				for range 2 {
					if err := c.Send(num(1)); err != nil {
						t.Error(err)
					}
				}
				synctest.Wait() // for the end to arrive
				test.end(b)
				synctest.Wait()
				if first, second := c.Send(num(3)), c.Send(num(4)); second != io.EOF {
					t.Errorf("Send = %v, and again %v: want io.EOF", first, second)
				}
				wantRest(t, c, 1, test.want)
			})
		})
	}
}

// Another call with the conversation's context is not the conversation.
func TestASendThatAnotherCallCannotDoIsNotTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, other := start(t, squarer), start(t, refusing)
		c := stream.Open(t.Context(), func(ctx context.Context, reqs msgs) msgs {
			return b.stub.StreamrangeSquare(ctx, stream.Map(reqs, func(m *msg) (*msg, error) {
				_, err := other.stub.SumSquare(ctx, forever) // refused while it sends
				wantCode(t, err, codes.PermissionDenied)
				return m, nil
			}))
		})
		defer c.Close()
		for i := range 5 {
			if err := c.Send(num(float64(i))); err != nil {
				t.Fatal(err)
			}
			if res, err := c.Recv(); err != nil || res.GetMessage() != float64(i*i) {
				t.Fatalf("Recv = (%v, %v), want %d", res, err, i*i)
			}
		}
	})
}

// What has arrived when the context ends is received, followed by the real
// status: the context's error hides neither.
func TestAConversationKeepsWhatHadArrivedAtItsEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		impl      fake
		responses int
		want      codes.Code
	}{
		"the handler had failed": {answersThenFails, 1, codes.Aborted},
		"the handler continues": {fake{streams: func(ctx context.Context, _ msgs) msgs {
			return func(yield func(*msg, error) bool) {
				_ = yield(num(1), nil) && yield(num(2), nil) && yield(num(3), nil)
				<-ctx.Done()
			}
		}}, 3, codes.DeadlineExceeded},
		"the handler had ended well": {fake{streams: func(context.Context, msgs) msgs { return count(2) }}, 2, codes.OK},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, test.impl)
				for i := range 100 {
					ctx, cancel := context.WithTimeout(t.Context(), deadline)
					c := stream.Open(ctx, b.stub.StreamrangeSquare)
					_, _ = c.Send(num(1)), c.Send(num(2))
					if i%2 == 0 && test.want != codes.DeadlineExceeded {
						synctest.Wait() // for the end to arrive
						cancel()
					}
					time.Sleep(2 * deadline)
					if err := c.Send(num(3)); err != io.EOF {
						t.Errorf("Send = %v, want io.EOF", err)
					}
					if test.want == codes.OK {
						for range test.responses {
							_, _ = c.Recv()
						}
						if _, err := c.Recv(); err != io.EOF {
							t.Errorf("Recv = %v, want io.EOF", err)
						}
					} else {
						wantRest(t, c, test.responses, test.want)
					}
					cancel()
					c.Close()
				}
			})
		})
	}
}

// At a deadline the error is always that of the RPC.
func TestADeadlineOfAConversationNamesTheHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, silent).stub.With(grpc.CallAuthority("lab.example"))
		for range 1000 {
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			c := stream.Open(ctx, s.StreamrangeSquare)
			_, err := c.Recv()
			if wantCode(t, err, codes.DeadlineExceeded); err == nil || !strings.Contains(err.Error(), "(host lab.example)") {
				t.Fatalf("Recv = %v, want an error with the host", err)
			}
			cancel()
		}
	})
}
