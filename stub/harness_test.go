package stub_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestMain(m *testing.M) {
	grpclog.SetLoggerV2(logged)
	goleak.VerifyTestMain(m)
}

// logged holds the errors that were logged with grpclog.
var logged = &errorLog{LoggerV2: grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard)}

type errorLog struct {
	grpclog.LoggerV2
	mu   sync.Mutex
	text strings.Builder
}

func (l *errorLog) Errorln(args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(&l.text, args...)
}

func (l *errorLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type (
	msg    = squares.Message
	msgs   = iter.Seq2[*squares.Message, error]
	stubOf = squares.SquareServiceStub
)

func num(n float64) *msg { return &msg{Message: n} }

// big returns the number n in a message of about size bytes.
func big(n float64, size int) *msg {
	m := num(n)
	unknown := protowire.AppendTag(nil, 100, protowire.BytesType)
	m.ProtoReflect().SetUnknown(protowire.AppendBytes(unknown, make([]byte, size)))
	return m
}

// count yields 1, 2, … n.
func count(n int) msgs {
	return func(yield func(*msg, error) bool) {
		for i := range n {
			if !yield(num(float64(i+1)), nil) {
				return
			}
		}
	}
}

// forever yields 1, 2, … in messages of 32 KiB; two fit into a window.
func forever(yield func(*msg, error) bool) {
	for i := 1.0; yield(big(i, 32<<10), nil); i++ {
	}
}

// fake is a SquareService made of functions.
type fake struct {
	squares.UnimplementedSquareService
	square  func(context.Context, *msg) (*msg, error)
	ranges  func(context.Context, *msg) msgs
	sum     func(context.Context, msgs) (*msg, error)
	streams func(context.Context, msgs) msgs
}

func (f fake) Square(ctx context.Context, req *msg) (*msg, error)     { return f.square(ctx, req) }
func (f fake) RangeSquare(ctx context.Context, req *msg) msgs         { return f.ranges(ctx, req) }
func (f fake) SumSquare(ctx context.Context, reqs msgs) (*msg, error) { return f.sum(ctx, reqs) }
func (f fake) StreamrangeSquare(ctx context.Context, reqs msgs) msgs  { return f.streams(ctx, reqs) }

// squarer squares numbers.
var squarer = fake{
	square: func(_ context.Context, req *msg) (*msg, error) { return num(req.GetMessage() * req.GetMessage()), nil },
	ranges: func(_ context.Context, req *msg) msgs {
		return func(yield func(*msg, error) bool) {
			for i := 1.0; i <= req.GetMessage() && yield(num(i*i), nil); i++ {
			}
		}
	},
	sum: func(_ context.Context, reqs msgs) (*msg, error) {
		sum := 0.0
		for req, err := range reqs {
			if err != nil {
				return nil, err
			}
			sum += req.GetMessage() * req.GetMessage()
		}
		return num(sum), nil
	},
	streams: func(_ context.Context, reqs msgs) msgs {
		return func(yield func(*msg, error) bool) {
			for req, err := range reqs {
				if err != nil {
					yield(nil, err)
					return
				}
				if !yield(num(req.GetMessage()*req.GetMessage()), nil) {
					return
				}
			}
		}
	},
}

// backend is a server in this process, and a connection to it.
type backend struct {
	conn      grpc.ClientConnInterface
	stub      squares.SquareServiceStub
	stop      func() // ends the server and its calls, and waits for the handlers
	wait      func() // waits for the handlers, whose calls have ended
	drain     func() // ends the server when its calls have ended
	cut       func() // breaks the connections
	closeConn func() // ends the client's connection
}

// options are the options of a backend. The last ones are for tests of features
// that only grpc's own transport has: over others these tests are skipped.
type options struct {
	register    func(grpc.ServiceRegistrar)    // instead of the implementation
	unary       grpc.UnaryServerInterceptor    // nil for none
	streams     []grpc.StreamServerInterceptor // the first is outermost
	callUnary   grpc.UnaryClientInterceptor    // nil for none
	callStream  grpc.StreamClientInterceptor   // nil for none
	calls       []grpc.CallOption              // of all calls of the connection
	receives    int                            // the largest request of the server; 0 for the default
	sends       int                            // the largest response of the server; 0 for the default
	unreachable bool                           // nothing listens
	wrap        func(net.Conn) net.Conn        // the client's end of the connection
	server      []grpc.ServerOption            // of grpc's own server
	dial        []grpc.DialOption              // of grpc's own connection
}

// collect ranges seq to its end.
func collect(seq msgs) (got []float64, err error) {
	for m, err := range seq {
		if err != nil {
			return got, err
		}
		got = append(got, m.GetMessage())
	}
	return got, nil
}

// leave ranges seq and leaves the loop in its first round.
func leave(t *testing.T, seq msgs) {
	t.Helper()
	for _, err := range seq {
		if err != nil {
			t.Error(err)
		}
		break
	}
}

func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if err == io.EOF || status.Code(err) != want {
		t.Errorf("error = %v, want the code %v", err, want)
	}
}
