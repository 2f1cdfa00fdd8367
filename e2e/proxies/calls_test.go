package proxies

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// reached records the header of a call: which backend answered, and for which host.
type reached struct{ header metadata.MD }

func (r *reached) option() grpc.CallOption { return grpc.Header(&r.header) }

// check checks that one of the backends was asked for the host.
func (r *reached) check(t *testing.T, host string, backends ...string) {
	t.Helper()
	backend, asked := r.header.Get("backend"), r.header.Get("host")
	if len(backend) != 1 || !slices.Contains(backends, backend[0]) || !slices.Equal(asked, []string{host}) {
		t.Errorf("backend %q was asked for host %q, want %q and %q", backend, asked, backends, host)
	}
}

// bothHosts calls f with the stubs for the two hosts of the squares.
func (c *client) bothHosts(t *testing.T, f func(stub squares.SquareServiceStub)) {
	t.Helper()
	var square, other reached
	f(c.square.With(square.option()))
	square.check(t, "square.example", "square1", "square2")
	f(c.other.With(other.option()))
	other.check(t, "other.example", "other")
}

func testUnary(t *testing.T, c *client) {
	t.Helper()
	c.bothHosts(t, func(stub squares.SquareServiceStub) {
		res, err := stub.Square(brief(t), &squares.Message{Message: 12})
		if err != nil || res.GetMessage() != 144 {
			t.Errorf("Square(12) = %v, %v", res, err)
		}
	})
	_, err := c.other.SumSquare(brief(t), numbers(refuse))
	checkCode(t, "the error of a handler", err, codes.ResourceExhausted)
}

func testServerStreaming(t *testing.T, c *client) {
	t.Helper()
	c.bothHosts(t, func(stub squares.SquareServiceStub) {
		checkSquares(t, stub.RangeSquare(brief(t), &squares.Message{Message: 1000}), 1000)
	})
	var r reached
	entries, err := stream.Collect(c.feed.With(r.option()).Sub(brief(t), &feed.SubRequest{}))
	if err != nil || len(entries) != 3 {
		t.Errorf("Sub = %v, %v", entries, err)
	}
	r.check(t, "feed.example", "feed")
}

func testClientStreaming(t *testing.T, c *client) {
	t.Helper()
	c.bothHosts(t, func(stub squares.SquareServiceStub) {
		res, err := stub.SumSquare(brief(t), count(1000))
		if err != nil || res.GetMessage() != 333833500 {
			t.Errorf("SumSquare(1…1000) = %v, %v", res, err)
		}
	})
}

func testBidiStreaming(t *testing.T, c *client) {
	t.Helper()
	c.bothHosts(t, func(stub squares.SquareServiceStub) {
		checkSquares(t, stub.StreamrangeSquare(brief(t), count(1000)), 1000)
	})
	// In turns: no request is sent before the previous one is answered.
	ctx, cancel := context.WithCancel(brief(t))
	defer cancel()
	requests, next := make(chan *squares.Message, 1), 1.0
	requests <- &squares.Message{Message: next}
	for res, err := range c.square.StreamrangeSquare(ctx, stream.FromChan(ctx, requests)) {
		if err != nil || res.GetMessage() != next*next {
			t.Fatalf("the square of %v is %v, %v", next, res, err)
		}
		if next++; next > 20 {
			break
		}
		requests <- &squares.Message{Message: next}
	}
}

func testMethodHosts(t *testing.T, c *client) {
	t.Helper()
	req := &feed.SubRequest{Stream: "12345"}
	var dump, length, called reached
	if entries, err := stream.Collect(c.feed.With(dump.option()).Dump(brief(t), req)); err != nil || len(entries) != 3 {
		t.Errorf("Dump = %v, %v", entries, err)
	}
	dump.check(t, "bulk.feed.example", "bulk")
	if n, err := c.feed.With(length.option()).Len(brief(t), req); err != nil || n.GetEntries() != 5 {
		t.Errorf("Len = %v, %v", n, err)
	}
	length.check(t, "bulk.feed.example", "bulk")
	if _, err := c.feed.With(called.option(), gohost.Host("feed.example")).Len(brief(t), req); err != nil {
		t.Error(err)
	}
	called.check(t, "feed.example", "feed")
}

func testConcurrentCalls(t *testing.T, c *client) {
	t.Helper()
	// All streams are open concurrently: none ends before all have begun.
	const calls = 100
	var begun, ended sync.WaitGroup
	begun.Add(calls)
	for n := range calls {
		stub := c.square
		if n%2 == 1 {
			stub = c.other
		}
		ended.Go(func() {
			reqs := stream.Generate(func(send func(*squares.Message) error) error {
				if err := send(&squares.Message{Message: float64(n)}); err != nil {
					return err
				}
				begun.Wait()
				return send(&squares.Message{Message: 1})
			})
			got := 0
			for res, err := range stub.StreamrangeSquare(brief(t), reqs) {
				if err != nil {
					t.Errorf("call %d: %v", n, err)
					break
				}
				if got++; got == 1 {
					if res.GetMessage() != float64(n*n) {
						t.Errorf("the square of %d = %v", n, res)
					}
					begun.Done()
				}
			}
			if got == 0 {
				begun.Done()
			}
			if got != 2 {
				t.Errorf("call %d: %d answers, want 2", n, got)
			}
		})
	}
	ended.Wait()
}

func testLargeMessages(t *testing.T, c *client) {
	t.Helper()
	// The largest message that gRPC receives by default.
	req := largest(func(text string) proto.Message { return &feed.SubRequest{Stream: text} })
	entries := 0
	for entry, err := range c.feed.With(grpc.MaxCallRecvMsgSize(5<<20)).Dump(brief(t), req.(*feed.SubRequest)) {
		if err != nil {
			t.Fatal(err)
		}
		if entry.GetValues()[""] != req.(*feed.SubRequest).GetStream() {
			t.Errorf("entry %s is not what was sent", entry.GetId())
		}
		entries++
	}
	if entries != 3 {
		t.Errorf("%d entries, want 3", entries)
	}
}

// largest returns a message of 4 MiB.
func largest(message func(text string) proto.Message) proto.Message {
	const size = 4 << 20
	m := message(strings.Repeat("x", size))
	return message(strings.Repeat("x", 2*size-proto.Size(m)))
}

func testBalancing(t *testing.T, c *client) {
	t.Helper()
	answers := make(map[string]int)
	for range 20 {
		var r reached
		if _, err := c.square.With(r.option()).Square(brief(t), &squares.Message{}); err != nil {
			t.Fatal(err)
		}
		r.check(t, "square.example", "square1", "square2")
		answers[strings.Join(r.header.Get("backend"), ",")]++
	}
	if answers["square1"] < 5 || answers["square2"] < 5 {
		t.Errorf("answers by instance: %v, want some from each", answers)
	}
	seen(t, fmt.Sprintf("%d and %d of 20 calls", answers["square1"], answers["square2"]))
}

func testUnknownHost(t *testing.T, c *client) {
	t.Helper()
	const host = "nobody.example"
	unknown := c.square.With(gohost.Host(host))
	_, err := unknown.Square(brief(t), &squares.Message{})
	checkCode(t, "unary", err, codes.Unimplemented)
	if err == nil || !strings.Contains(err.Error(), host) {
		t.Errorf("%v: the error does not name %s", err, host)
	}
	if c.answers() && !strings.Contains(fmt.Sprint(err), "desc = no service has host "+host) {
		t.Errorf("%v: this is not the generated status", err)
	}
	seen(t, fmt.Sprint(err))
	_, err = stream.Collect(unknown.RangeSquare(brief(t), &squares.Message{}))
	checkCode(t, "server streaming", err, codes.Unimplemented)
	_, err = unknown.SumSquare(brief(t), count(many))
	checkCode(t, "client streaming", err, codes.Unimplemented)
	_, err = stream.Collect(unknown.StreamrangeSquare(brief(t), count(many)))
	checkCode(t, "bidirectional", err, codes.Unimplemented)
	if !strings.Contains(err.Error(), host) {
		t.Errorf("%v: the error does not name %s", err, host)
	}
}

// testAccessLog checks all calls that the client has made so far.
func testAccessLog(t *testing.T, c *client) {
	t.Helper()
	want := map[access]bool{
		{path: squares.SquareService_Square_Method, host: "square.example"}:            true,
		{path: squares.SquareService_Square_Method, host: "other.example"}:             true,
		{path: squares.SquareService_RangeSquare_Method, host: "square.example"}:       true,
		{path: squares.SquareService_SumSquare_Method, host: "other.example"}:          true,
		{path: squares.SquareService_StreamrangeSquare_Method, host: "square.example"}: true,
		{path: squares.SquareService_Square_Method, host: "nobody.example"}:            true,
		{path: feed.RedisStream_Sub_Method, host: "feed.example"}:                      true,
		{path: feed.RedisStream_Dump_Method, host: "bulk.feed.example"}:                true,
		{path: feed.RedisStream_Len_Method, host: "bulk.feed.example"}:                 true,
		{path: feed.RedisStream_Len_Method, host: "feed.example"}:                      true,
	}
	clients := make(map[string]int)
	proc.Wait(t, "the access log", func() bool {
		clear(clients)
		left := len(want)
		found := make(map[access]bool)
		for _, call := range c.accessLog(t) {
			clients[call.client]++
			call.client = ""
			if want[call] && !found[call] {
				found[call] = true
				left--
			}
		}
		return left == 0
	})
	if len(clients) != 1 {
		t.Errorf("calls by the client's address: %v, want one address", clients)
	}
	for addr, calls := range clients {
		seen(t, fmt.Sprintf("%d calls from %s", calls, addr))
	}
}

func checkSquares(t *testing.T, got iter.Seq2[*squares.Message, error], n int) {
	t.Helper()
	i := 0
	for res, err := range got {
		if i++; err != nil || res.GetMessage() != float64(i*i) {
			t.Errorf("the square of %d is %v, %v", i, res, err)
			return
		}
	}
	if i != n {
		t.Errorf("%d squares, want %d", i, n)
	}
}
