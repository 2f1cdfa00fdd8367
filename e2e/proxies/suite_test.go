package proxies

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestTraefik(t *testing.T) { t.Parallel(); suite(t, traefik) }
func TestNginx(t *testing.T)   { t.Parallel(); suite(t, nginx) }
func TestHAProxy(t *testing.T) { t.Parallel(); suite(t, haproxy) }
func TestCaddy(t *testing.T)   { t.Parallel(); suite(t, caddy) }

// client is a client with one connection, and the stubs that use it.
type client struct {
	*world
	conn   *grpc.ClientConn
	square squares.SquareServiceStub // the host that the .proto declares; two instances
	other  squares.SquareServiceStub // the same service under another host
	feed   feed.RedisStreamStub      // another service; two of its methods have their own host
}

func newClient(w *world, conn *grpc.ClientConn) *client {
	square := squares.NewSquareServiceStub(conn)
	return &client{w, conn, square, square.With(gohost.Host("other.example")), feed.NewRedisStreamStub(conn)}
}

// suite runs all cases against a proxy. Those in one world run one after another, so
// that leftovers of one are noticed in the next.
func suite(t *testing.T, p *proxy) {
	t.Helper()
	w := start(t, p)
	c := newClient(w, w.dial(t))
	for _, test := range []struct {
		name string
		run  func(*testing.T, *client)
	}{
		{"unary", testUnary},
		{"server streaming", testServerStreaming},
		{"client streaming", testClientStreaming},
		{"bidirectional streaming", testBidiStreaming},
		{"hosts of methods", testMethodHosts},
		{"100 concurrent calls", testConcurrentCalls},
		{"4 MiB in both directions", testLargeMessages},
		{"load balancing over two instances", testBalancing},
		{"unknown host", testUnknownHost},
		{"the client breaks", testClientBreaks},
		{"the handler returns early", testHandlerReturnsEarly},
		{"one connection, by the access log", testAccessLog}, // last, because it checks all calls so far
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, c) })
	}
	secure := w
	if p.generated != "" {
		secure = start(t, p.withTLS())
	}
	t.Run("TLS", func(t *testing.T) { testTLS(t, secure) })

	if p.anyHost != nil {
		t.Run("every valid host arrives unchanged", func(t *testing.T) {
			t.Parallel()
			testHosts(t, p)
		})
	}
	t.Run("the backend dies in mid-stream", func(t *testing.T) {
		t.Parallel()
		testBackendDies(t, p)
	})
	t.Run("the backend dies before it answers", func(t *testing.T) {
		t.Parallel()
		testRepetition(t, p)
	})
	t.Run("silence longer than the limit", func(t *testing.T) {
		t.Parallel()
		testSilence(t, p, p.quick, p.seen.cut)
	})
	t.Run("the same, with the documented setting", func(t *testing.T) {
		t.Parallel()
		testSilence(t, p, nil, silent{})
	})
	t.Run("a connection without calls", func(t *testing.T) {
		t.Parallel()
		testIdleConnection(t, p)
	})
	t.Run("more open calls than a connection may have", func(t *testing.T) {
		t.Parallel()
		testFullConnection(t, p, p.narrow, cmp.Or(p.seen.streams, 10))
	})
	if p.seen.streams == 0 {
		t.Run("more open calls than by default, with the documented setting", func(t *testing.T) {
			t.Parallel()
			testRoom(t, p)
		})
	}
	if p.kind == nginx.kind {
		t.Run("more calls than a connection may have", func(t *testing.T) {
			t.Parallel()
			testCallsOfConnection(t, p, []change{{"keepalive_requests 1000000", "keepalive_requests 20"}}, 100, false)
		})
		t.Run("more calls than by default, with the documented setting", func(t *testing.T) {
			t.Parallel()
			testCallsOfConnection(t, p, nil, 1200, true)
		})
	}
}

func checkCode(t *testing.T, what string, err error, want ...codes.Code) {
	t.Helper()
	if !slices.Contains(want, status.Code(err)) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// seen records what happened, for the table.
func seen(t *testing.T, what string) {
	t.Helper()
	t.Attr("seen", strings.ReplaceAll(what, "\n", " "))
}

// brief returns a context that limits how long a test's call may hang.
func brief(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// numbers yields messages to send.
func numbers(values ...float64) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for _, v := range values {
			if !yield(&squares.Message{Message: v}, nil) {
				return
			}
		}
	}
}

// count yields the numbers from 1 to n.
func count(n int) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		for i := range n {
			if !yield(&squares.Message{Message: float64(i + 1)}, nil) {
				return
			}
		}
	}
}

// waitReleased waits until no backend holds a call.
func (w *world) waitReleased(t *testing.T) {
	t.Helper()
	proc.Wait(t, "the handlers to see that their callers are gone", func() bool { return w.holding() == 0 })
}

func (w *world) holding() int32 {
	var n int32
	for _, b := range []*backend{w.square1, w.square2, w.other, w.feed, w.bulk} {
		n += b.held.Load()
	}
	return n
}
