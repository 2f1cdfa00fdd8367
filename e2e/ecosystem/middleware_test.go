package ecosystem

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/ratelimit"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/selector"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/metadata"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// log counts the events of the logging interceptors.
type log struct {
	mu     sync.Mutex
	events map[string]int
}

func (l *log) Log(_ context.Context, _ logging.Level, msg string, _ ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.events == nil {
		l.events = make(map[string]int)
	}
	l.events[msg]++
}

func (l *log) count(event string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events[event]
}

func TestLogging(t *testing.T) {
	t.Parallel()
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			client, server := new(log), new(log)
			events := logging.WithLogOnEvents(logging.StartCall, logging.FinishCall, logging.PayloadReceived, logging.PayloadSent)
			ended := make(chan struct{})
			stub := serve(t, squarer{},
				[]grpc.ServerOption{
					grpc.ChainUnaryInterceptor(unaryEnd(ended), logging.UnaryServerInterceptor(server, events)),
					grpc.ChainStreamInterceptor(streamEnd(ended), logging.StreamServerInterceptor(server, events)),
				},
				grpc.WithUnaryInterceptor(logging.UnaryClientInterceptor(client, events)),
				grpc.WithStreamInterceptor(logging.StreamClientInterceptor(client, events)))
			if _, err := call(t.Context(), stub, 3); err != nil {
				t.Error(err)
			}
			<-ended
			for event, want := range map[string]int{
				"finished call": 1, "request sent": sent[kind], "response received": received[kind],
			} {
				if got := client.count(event); got != want {
					t.Errorf("the client logged %q %d times, want %d", event, got, want)
				}
			}
			for event, want := range map[string]int{
				"started call": 1, "finished call": 1, "request received": sent[kind], "response sent": received[kind],
			} {
				if got := server.count(event); got != want {
					t.Errorf("the server logged %q %d times, want %d", event, got, want)
				}
			}
			t.Attr("seen", fmt.Sprintf("%d sent, %d received", sent[kind], received[kind]))
		})
	}
}

// unaryEnd and streamEnd close ended when a call has ended on the server.
func unaryEnd(ended chan struct{}) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		defer close(ended)
		return handler(ctx, req)
	}
}

func streamEnd(ended chan struct{}) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		defer close(ended)
		return handler(srv, ss)
	}
}

// A panic in the body of a sequence counts as a panic of the handler.
func TestRecovery(t *testing.T) {
	t.Parallel()
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			handle := recovery.WithRecoveryHandler(func(p any) error { return status.Errorf(codes.DataLoss, "%v", p) })
			stub := serve(t, squarer{}, []grpc.ServerOption{
				grpc.UnaryInterceptor(recovery.UnaryServerInterceptor(handle)),
				grpc.StreamInterceptor(recovery.StreamServerInterceptor(handle)),
			})
			_, err := call(t.Context(), stub, -13)
			if got := status.Convert(err); got.Code() != codes.DataLoss || got.Message() != "unlucky" {
				t.Errorf("error = %v, want that of the recovery handler", err)
			}
			if _, err := call(t.Context(), stub, 3); err != nil {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}

type userKey struct{}

// whoami answers with the length of the user's name.
type whoami struct{ squarer }

func (whoami) StreamrangeSquare(ctx context.Context, _ iter.Seq2[*squares.Message, error]) iter.Seq2[*squares.Message, error] {
	user, _ := ctx.Value(userKey{}).(string)
	return func(yield func(*squares.Message, error) bool) { yield(number(float64(len(user))), nil) }
}

// The handler gets the context that an interceptor has wrapped.
func TestAuth(t *testing.T) {
	t.Parallel()
	authenticate := func(ctx context.Context) (context.Context, error) {
		token, err := auth.AuthFromMD(ctx, "bearer")
		if err != nil {
			return nil, err
		}
		return context.WithValue(ctx, userKey{}, token), nil
	}
	stub := serve(t, whoami{}, []grpc.ServerOption{
		grpc.UnaryInterceptor(auth.UnaryServerInterceptor(authenticate)),
		grpc.StreamInterceptor(auth.StreamServerInterceptor(authenticate)),
	})
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			_, err := call(t.Context(), stub, 3)
			checkCode(t, err, codes.Unauthenticated)
			if _, err := call(withToken(t.Context()), stub, 3); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("the handler's context", func(t *testing.T) {
		t.Parallel()
		for res, err := range stub.StreamrangeSquare(withToken(t.Context()), endless) {
			if err != nil || res.GetMessage() != 5 {
				t.Errorf("(%v, %v), want the length of the user's name, 5", res, err)
			}
		}
	})
}

func withToken(ctx context.Context) context.Context {
	return metadata.MD{"authorization": {"bearer alice"}}.ToOutgoing(ctx)
}

// flaky fails the first calls.
type flaky struct {
	squarer
	calls    atomic.Int32
	failures int32
}

func (f *flaky) fail() error {
	if f.calls.Add(1) <= f.failures {
		return status.Error(codes.Unavailable, "later")
	}
	return nil
}

func (f *flaky) Square(ctx context.Context, req *squares.Message) (*squares.Message, error) {
	if err := f.fail(); err != nil {
		return nil, err
	}
	return f.squarer.Square(ctx, req)
}

func (f *flaky) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	if err := f.fail(); err != nil {
		return func(yield func(*squares.Message, error) bool) { yield(nil, err) }
	}
	return f.squarer.RangeSquare(ctx, req)
}

// With passes on the options of an interceptor. The interceptor does not retry calls
// with a stream of requests.
func TestRetry(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"unary", "server streaming"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			impl := &flaky{failures: 2}
			stub := serve(t, impl, nil,
				grpc.WithUnaryInterceptor(retry.UnaryClientInterceptor()),
				grpc.WithStreamInterceptor(retry.StreamClientInterceptor()))
			_, err := kinds[kind](t.Context(), stub.With(retry.WithMax(2), retry.WithCodes(codes.Unavailable)), 3)
			checkCode(t, err, codes.Unavailable)
			impl.calls.Store(0)
			n, err := kinds[kind](t.Context(), stub.With(retry.WithMax(3)), 3)
			if err != nil || n != received[kind] {
				t.Errorf("%d messages, %v; want %d", n, err, received[kind])
			}
			if calls := impl.calls.Load(); calls != 3 {
				t.Errorf("the server got %d calls, want 3", calls)
			}
			t.Attr("seen", "2 retries")
		})
	}
	t.Run("break", func(t *testing.T) {
		t.Parallel()
		impl := new(flaky)
		stub := serve(t, impl, nil, grpc.WithStreamInterceptor(retry.StreamClientInterceptor(retry.WithMax(5))))
		for _, err := range stub.RangeSquare(t.Context(), number(1e9)) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if calls := impl.calls.Load(); calls != 1 {
			t.Errorf("the server got %d calls, want 1: a loop that is left is not retried", calls)
		}
	})
}

// never is a limiter that rejects all calls.
type never struct{}

func (never) Limit(context.Context) error { return status.Error(codes.ResourceExhausted, "never") }

func TestRatelimit(t *testing.T) {
	t.Parallel()
	for kind, call := range kinds {
		for name, opts := range map[string]struct {
			server []grpc.ServerOption
			dial   []grpc.DialOption
		}{
			"server": {server: []grpc.ServerOption{
				grpc.UnaryInterceptor(ratelimit.UnaryServerInterceptor(never{})),
				grpc.StreamInterceptor(ratelimit.StreamServerInterceptor(never{})),
			}},
			"client": {dial: []grpc.DialOption{
				grpc.WithUnaryInterceptor(ratelimit.UnaryClientInterceptor(never{})),
				grpc.WithStreamInterceptor(ratelimit.StreamClientInterceptor(never{})),
			}},
		} {
			t.Run(kind+" on the "+name, func(t *testing.T) {
				t.Parallel()
				_, err := call(t.Context(), serve(t, squarer{}, opts.server, opts.dial...), 3)
				checkCode(t, err, codes.ResourceExhausted)
			})
		}
	}
}

// A selector gets the names of the service and the method from the .proto.
func TestSelector(t *testing.T) {
	t.Parallel()
	onlyBidi := selector.MatchFunc(func(_ context.Context, c interceptors.CallMeta) bool {
		return c.Service == squares.SquareServiceName && c.Method == "streamrangeSquare"
	})
	stub := serve(t, squarer{}, []grpc.ServerOption{
		grpc.StreamInterceptor(selector.StreamServerInterceptor(ratelimit.StreamServerInterceptor(never{}), onlyBidi)),
	})
	for kind, call := range kinds {
		want := codes.OK
		if kind == "bidirectional" {
			want = codes.ResourceExhausted
		}
		_, err := call(t.Context(), stub, 3)
		checkCode(t, err, want)
	}
}
