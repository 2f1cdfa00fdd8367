package gohostconnect_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// breaking returns a stub whose calls reach handler over HTTP/1.1.
func breaking(t *testing.T, handler http.HandlerFunc) squares.SquareServiceStub {
	t.Helper()
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	return squares.NewSquareServiceStub(gohostconnect.NewConn(gohostconnect.NewTransport(web.Client(), web.URL)))
}

// reset resets the connection of a request.
func reset(t *testing.T, w http.ResponseWriter) {
	t.Helper()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		err = conn.(*net.TCPConn).SetLinger(0) //nolint:forcetypeassert // no TLS here
	}
	if err == nil {
		err = conn.Close()
	}
	if err != nil {
		t.Error(err)
	}
}

// A call whose connection is reset may be retried.
func TestReset(t *testing.T) {
	t.Parallel()
	stub := breaking(t, func(w http.ResponseWriter, _ *http.Request) { reset(t, w) })
	_, err := stub.Square(within(t), num(1))
	wantCode(t, err, codes.Unavailable)
	if !stream.Resumable(err) {
		t.Errorf("%v is not resumable", err)
	}
	_, err = numbers(stub.RangeSquare(within(t), num(1)))
	wantCode(t, err, codes.Unavailable)
	// In the middle of a stream, after an empty message.
	stub = breaking(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/connect+proto")
		_, err := w.Write(make([]byte, 5))
		if err == nil {
			err = http.NewResponseController(w).Flush()
		}
		if err != nil {
			t.Error(err)
		}
		reset(t, w)
	})
	got, err := numbers(stub.RangeSquare(within(t), num(1)))
	wantCode(t, err, codes.Unavailable)
	if len(got) > 1 { // a reset may overtake the message
		t.Errorf("%d messages", len(got))
	}
}

// slow is a context whose timer never fires, not even after its deadline.
type slow struct {
	context.Context //nolint:containedctx // it is one
	deadline        time.Time
}

func (s slow) Deadline() (time.Time, bool) { return s.deadline, true }

// A server may be faster with the deadline of a call than the client's timer.
func TestDeadlineOfServer(t *testing.T) {
	t.Parallel()
	ctx := slow{within(t), time.Now().Add(50 * time.Millisecond)}
	stub := breaking(t, func(w http.ResponseWriter, _ *http.Request) {
		for time.Now().Before(ctx.deadline) {
			time.Sleep(time.Millisecond)
		}
		reset(t, w)
	})
	_, err := stub.Square(ctx, num(1))
	wantCode(t, err, codes.DeadlineExceeded)
}
