package stub_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

// script is what both sides of a bidirectional call do.
type script struct {
	requests  int    // the client sends 1, 2, …
	failing   bool   // and then the producer fails
	server    []bool // its steps: true receives a request, false sends a response
	readsRest bool   // the server then reads all requests
	code      codes.Code
	leaveAt   int // the client leaves in that round; 0 means never
}

// scriptOf makes a script from any bytes.
func scriptOf(data []byte) script {
	next := func() (b byte) {
		if len(data) > 0 {
			b, data = data[0], data[1:]
		}
		return b
	}
	s := script{requests: int(next() % 24), failing: next()%4 == 1, readsRest: next()%2 == 1}
	s.code = []codes.Code{codes.OK, codes.OK, codes.Aborted, codes.Canceled}[next()%4]
	s.leaveAt = int(next() % 12)
	for len(data) > 0 && len(s.server) < 64 {
		s.server = append(s.server, next()%2 == 1)
	}
	return s
}

var errProducer = errors.New("the producer failed")

func FuzzStream(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{3, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0})    // one answer per request
	f.Add([]byte{5, 1, 1, 0, 0, 1, 0})                // the producer fails
	f.Add([]byte{20, 0, 0, 2, 0, 1, 1})               // the server fails early
	f.Add([]byte{20, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0})   // the client leaves
	f.Add([]byte{0, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1}) // reads after the end
	f.Fuzz(func(t *testing.T, data []byte) {
		// A goroutine that is left, or waits forever, fails the bubble.
		synctest.Test(t, func(t *testing.T) { scriptOf(data).play(t) })
	})
}

func (s script) play(t *testing.T) {
	t.Helper()
	var read []float64 // by the server
	var readErr error  // io.EOF means the half-close
	sent := 0
	b := start(t, fake{streams: func(_ context.Context, reqs msgs) msgs {
		receive := func() {
			for req, err := range reqs {
				if readErr = err; err == nil {
					read = append(read, req.GetMessage())
				}
				return
			}
			readErr = io.EOF
		}
		return func(yield func(*msg, error) bool) {
			for _, receives := range s.server {
				if receives {
					receive()
				} else if !yield(num(float64(sent+1)), nil) {
					return
				} else {
					sent++
				}
			}
			for s.readsRest && readErr == nil {
				receive()
			}
			if s.code != codes.OK {
				yield(nil, status.Error(s.code, "as the script says"))
			}
		}
	}})
	var got []float64
	var end error
	ends, left := 0, false
	for res, err := range b.stub.StreamrangeSquare(t.Context(), func(yield func(*msg, error) bool) {
		for i := range s.requests {
			if !yield(num(float64(i+1)), nil) {
				return
			}
		}
		if s.failing {
			yield(nil, errProducer)
		}
	}) {
		if err != nil {
			end, ends = err, ends+1
			continue
		}
		if got = append(got, res.GetMessage()); len(got) == s.leaveAt {
			left = true
			break
		}
	}
	b.wait()
	s.check(t, got, read, end, readErr, ends, sent, left)
}

// check checks that what happened may happen.
func (s script) check(t *testing.T, got, read []float64, end, readErr error, ends, sent int, left bool) {
	t.Helper()
	for _, side := range [][]float64{got, read} {
		for i, n := range side {
			if n != float64(i+1) {
				t.Fatalf("received %v: not in order", side)
			}
		}
	}
	switch {
	case len(got) > sent || len(read) > s.requests:
		t.Errorf("received %v of %d, and %v of %d", got, sent, read, s.requests)
	case ends > 1 || left && ends > 0:
		t.Errorf("%d ends, left = %v", ends, left)
	case errors.Is(readErr, io.EOF) && (s.failing || len(read) != s.requests):
		t.Errorf("the requests have a clean end after %v of %d, failing = %v", read, s.requests, s.failing)
	case left:
	case s.failing:
		// The server may have ended the call earlier.
		if !errors.Is(end, errProducer) && status.Code(end) != s.code {
			t.Errorf("error = %v, want %v or the code %v", end, errProducer, s.code)
		}
	default:
		if len(got) != sent || status.Code(end) != s.code {
			t.Errorf("received %v of %d, and the error %v, want the code %v", got, sent, end, s.code)
		}
	}
}

func FuzzConversation(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 0, 1, 2, 1, 1})    // ping-pong, half-close, end
	f.Add([]byte{0, 0, 0, 1, 2, 0, 1, 1}) // ahead, a send after the half-close
	f.Add([]byte{0, 0, 3, 0, 1, 2, 3})    // closed with responses in transit
	f.Fuzz(func(t *testing.T, ops []byte) {
		synctest.Test(t, func(t *testing.T) { converse(t, ops[:min(len(ops), 100)]) })
	})
}

// converse runs ops with a server that squares, and compares the result of each
// with a model of two numbers and two flags.
func converse(t *testing.T, ops []byte) {
	t.Helper()
	c := stream.Open(t.Context(), start(t, squarer).stub.StreamrangeSquare)
	defer c.Close()
	sent, received, halfClosed, closed := 0, 0, false, false
	for _, op := range ops {
		switch op % 4 {
		case 0:
			err := c.Send(num(float64(sent + 1)))
			switch {
			case halfClosed && err != stream.ErrClosed,
				!halfClosed && closed && err != io.EOF,
				!halfClosed && !closed && err != nil:
				t.Fatalf("Send = %v (half-closed %v, closed %v)", err, halfClosed, closed)
			}
			if err == nil {
				sent++
			}
		case 1:
			if received == sent && !halfClosed && !closed {
				continue // it would wait forever
			}
			res, err := c.Recv()
			switch {
			case closed:
				if err != io.EOF && status.Code(err) != codes.Canceled {
					t.Fatalf("Recv after Close = (%v, %v)", res, err)
				}
			case received < sent:
				if received++; err != nil || res.GetMessage() != float64(received*received) {
					t.Fatalf("Recv = (%v, %v), want the square of %d", res, err, received)
				}
			case err != io.EOF:
				t.Fatalf("Recv = (%v, %v), want io.EOF", res, err)
			}
		case 2:
			c.CloseSend()
			halfClosed = true
		case 3:
			c.Close()
			closed = true
		}
	}
}
