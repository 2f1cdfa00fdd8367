package peers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/python"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// said is what one side has sent on a stream of HTTP/2.
type said struct {
	Headers [][]string // the fields of each block, "name: value", sorted by their names
	Data    []byte     // of all DATA frames
}

// tap passes bytes between clients and a server, and records the calls.
type tap struct {
	mu       sync.Mutex
	requests map[uint32]*said
	answers  map[uint32]*said
}

// startTap starts a tap in front of addr, for one connection, and returns its address.
func startTap(t *testing.T, addr string) (*tap, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tap := &tap{requests: make(map[uint32]*said), answers: make(map[uint32]*said)}
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(func() { listener.Close() }) //nolint:errcheck // it may be closed
	running.Go(func() {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		listener.Close() //nolint:errcheck // a second connection would have the same streams
		server, err := net.Dial("tcp", addr)
		if err != nil {
			t.Error(err)
			return
		}
		pass := func(to, from net.Conn, preface int64, said map[uint32]*said) {
			r, w := io.Pipe()
			running.Go(func() {
				defer r.Close() //nolint:errcheck // it never fails
				if _, err := io.CopyN(io.Discard, r, preface); err == nil {
					tap.read(r, said)
				}
			})
			io.Copy(io.MultiWriter(to, w), from) //nolint:errcheck // the connection ends
			w.Close()                            //nolint:errcheck // it never fails
			to.Close()                           //nolint:errcheck // it ends with the other
		}
		running.Go(func() { pass(client, server, 0, tap.answers) })
		pass(server, client, int64(len(http2.ClientPreface)), tap.requests)
	})
	return tap, listener.Addr().String()
}

// read records what is sent until the connection ends.
func (t *tap) read(r io.Reader, streams map[uint32]*said) {
	framer := http2.NewFramer(io.Discard, r)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			io.Copy(io.Discard, r) //nolint:errcheck // the connection continues without us
			return
		}
		t.mu.Lock()
		s := streams[frame.Header().StreamID]
		if s == nil {
			s = new(said)
			streams[frame.Header().StreamID] = s
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			var fields []string
			slices.SortStableFunc(frame.Fields, func(a, b hpack.HeaderField) int { return strings.Compare(a.Name, b.Name) })
			for _, f := range frame.Fields {
				if strings.HasPrefix(f.Value, "127.0.0.1:") {
					f.Value = "an address"
				}
				fields = append(fields, f.Name+": "+f.Value)
			}
			s.Headers = append(s.Headers, fields)
		case *http2.DataFrame:
			s.Data = append(s.Data, frame.Data()...)
		}
		t.mu.Unlock()
	}
}

// of returns what has been sent in calls, in their order.
func (t *tap) of(streams map[uint32]*said) []said {
	t.mu.Lock()
	defer t.mu.Unlock()
	var ids []uint32
	for id, s := range streams {
		if len(s.Headers) > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var calls []said
	for _, id := range ids {
		calls = append(calls, said{slices.Clone(streams[id].Headers), bytes.Clone(streams[id].Data)})
	}
	return calls
}

// calls makes calls of all kinds, one after another, and returns their results.
func calls(ctx context.Context, p peer) []string {
	ctx = metadata.NewOutgoingContext(ctx, metadata.Join(echo, metadata.Pairs(
		"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"authorization", "Bearer secret", "case", "wire")))
	service, greetings, cal := squares.NewSquareServiceStub(p), greeter.NewGreeterStub(p), calculator.NewCalStub(p)
	hello := &greeter.HelloRequest{Name: strings.Repeat("Ada ❤ ", 5000)}
	var outcomes []string
	add := func(m any, err error) { outcomes = append(outcomes, fmt.Sprintf("%.80v, %v", m, err)) }
	add(service.Square(ctx, number(12)))
	add(service.Square(ctx, number(-12)))
	add(stream.Collect(service.RangeSquare(ctx, number(3))))
	add(service.SumSquare(ctx, numbers(1, 2, 3)))
	add(service.SumSquare(ctx, numbers()))
	add(stream.Collect(service.StreamrangeSquare(ctx, numbers(1, 2, 3))))
	add(stream.Collect(service.StreamrangeSquare(ctx, numbers(1, 2, -3))))
	add(cal.Multiply(ctx, &calculator.MultiplyRequest{Number1: math.MaxInt32, Number2: 2}))
	add(greetings.SayHello(ctx, hello))
	add(stream.Collect(greetings.SayHelloStreamReply(ctx, hello)))
	add(stream.Collect(greetings.SayHelloStream2(ctx, hello)))
	add(stream.Collect(greetings.SayHelloBidiStream(ctx, stream.Of(hello, hello))))
	return outcomes
}

// All kinds of gateway send the same to a server, and the same to a client. The
// messages are those that the client and the server have sent.
func TestRawIsTheSameOnTheWire(t *testing.T) {
	t.Parallel()
	generated := python.Generate(t)
	addr := proc.Addr(t)
	proc.Start(t, generated.Command(python.Flavours["generators"].Server, addr), addr)
	type conversation struct {
		Outcomes           []string
		Requests, Answers  []said // of the gateway and the server
		Inquiries, Replies []said // of the client and the gateway
	}
	all := make(map[string]conversation)
	for name := range gateways {
		inner, innerAddr := startTap(t, addr)
		outer, outerAddr := startTap(t, startGateway(t, name, innerAddr, forwarded()))
		conn := connect(t, outerAddr, insecure.NewCredentials())
		outcomes := calls(t.Context(), peer{ClientConn: conn, t: t})
		ended := func() bool {
			for _, s := range slices.Concat(inner.of(inner.answers), outer.of(outer.answers)) {
				if last := s.Headers[len(s.Headers)-1]; !strings.Contains(strings.Join(last, "\n"), "grpc-status") {
					return false
				}
			}
			return len(inner.of(inner.answers)) == len(outcomes) && len(outer.of(outer.answers)) == len(outcomes)
		}
		proc.Wait(t, "the ends of all calls", ended)
		all[name] = conversation{outcomes, inner.of(inner.requests), inner.of(inner.answers), outer.of(outer.requests), outer.of(outer.answers)}
		for i := range outcomes {
			c := all[name]
			if !bytes.Equal(c.Requests[i].Data, c.Inquiries[i].Data) {
				t.Errorf("%s, call %d: the server gets %.100x, but the client sent %.100x", name, i, c.Requests[i].Data, c.Inquiries[i].Data)
			}
			if !bytes.Equal(c.Answers[i].Data, c.Replies[i].Data) {
				t.Errorf("%s, call %d: the client gets %.100x, but the server sent %.100x", name, i, c.Replies[i].Data, c.Answers[i].Data)
			}
		}
	}
	for name := range gateways {
		if diff := cmp.Diff(all["typed"], all[name], cmp.Comparer(bytes.Equal)); diff != "" {
			t.Errorf("(-typed +%s):\n%s", name, diff)
		}
	}
	sent := fmt.Sprint(all["typed"].Requests)
	for want, ok := range map[string]bool{"traceparent: 00-0af7651916cd43dd": true, "echo-data-bin: AP8K": true, "echo-text: two": true, "secret": false, "grpc-timeout": false} {
		if strings.Contains(sent, want) != ok {
			t.Errorf("the server gets %q: %v", want, !ok)
		}
	}
}
