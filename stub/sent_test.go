package stub_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/vtcodec"
)

// retrying is a service config that retries calls that fail with Unavailable:
// for that, grpc keeps what was sent.
const retrying = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 3,
	"initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

// pooled yields the numbers 1 to n in messages of about size bytes. Each
// message is spoiled and returned to a pool as soon as yield has returned. sent
// counts them.
func pooled(n, size int, sent *atomic.Int32) msgs {
	return func(yield func(*msg, error) bool) {
		pool := sync.Pool{New: func() any { return big(0, size) }}
		for i := range n {
			m := pool.Get().(*msg)
			m.Message = float64(i + 1)
			data := m.ProtoReflect().GetUnknown()
			data[len(data)-1] = byte(i + 1)
			goOn := yield(m, nil)
			m.Message = -1
			data[len(data)-1] = 0xff
			pool.Put(m)
			if !goOn {
				return
			}
			sent.Add(1)
		}
	}
}

// checkSpoiled checks that seq is what pooled has yielded.
func checkSpoiled(seq msgs, n int) error {
	i := 0
	for m, err := range seq {
		if err != nil {
			return err
		}
		i++
		if data := m.ProtoReflect().GetUnknown(); m.GetMessage() != float64(i) || data[len(data)-1] != byte(i) {
			return status.Errorf(codes.DataLoss, "message %d is %v, and ends with %x", i, m.GetMessage(), data[len(data)-1])
		}
	}
	if i != n {
		return status.Errorf(codes.DataLoss, "%d messages, want %d", i, n)
	}
	return nil
}

// A sent message may be changed, and returned to a pool, when yield has
// returned: grpc keeps its bytes, not the message. Not in a bubble: there
// grpc's wait before a retry, with a lock held, never ends.
func TestASentMessageMayBeUsedAgain(t *testing.T) {
	t.Parallel()
	const n, size = 40, 4 << 10 // more than a window, and less than grpc keeps for a retry
	const ahead = 10            // the number sent before the first is received
	compressed := []grpc.CallOption{grpc.UseCompressor("gzip")}
	kept := grpc.WithDefaultServiceConfig(retrying)
	ways := map[string]options{
		"as it comes":      {},
		"compressed":       {calls: compressed},
		"kept":             {dial: []grpc.DialOption{kept}},
		"kept, compressed": {dial: []grpc.DialOption{kept}, calls: compressed},
		"vtcodec": {
			dial:   []grpc.DialOption{kept, grpc.WithDefaultCallOptions(grpc.ForceCodecV2(vtcodec.Codec{}))},
			server: []grpc.ServerOption{grpc.ForceServerCodecV2(vtcodec.Codec{})},
		},
		"seen by a stats handler": {
			dial:   []grpc.DialOption{kept, grpc.WithStatsHandler(new(lengths))},
			server: []grpc.ServerOption{grpc.StatsHandler(new(lengths))},
		},
	}
	for way, opts := range ways {
		for kind, handle := range handlers {
			for _, failures := range []int32{0, 2} {
				if failures > 0 && opts.dial == nil {
					continue // nothing is kept for another attempt
				}
				t.Run(fmt.Sprintf("%s/%s, %d attempts fail", way, kind, failures), func(t *testing.T) {
					t.Parallel()
					var attempts, sent atomic.Int32
					b := start(t, handle(func(ctx context.Context, reqs msgs) (*msg, error) {
						wait(ctx, func() bool { return sent.Load() >= ahead })
						if attempts.Add(1) <= failures {
							return nil, status.Error(codes.Unavailable, "try again")
						}
						return num(1), checkSpoiled(reqs, n)
					}), opts)
					if err := senders[kind](t.Context(), b.stub, pooled(n, size, &sent)); err != nil {
						t.Error(err)
					}
					if got := attempts.Load(); got != failures+1 {
						t.Errorf("%d attempts, want %d", got, failures+1)
					}
				})
			}
		}
		for kind, open := range loops {
			t.Run(way+"/responses, "+kind, func(t *testing.T) {
				t.Parallel()
				var sent atomic.Int32
				b := start(t, responding(pooled(n, size, &sent)), opts)
				if err := checkSpoiled(func(yield func(*msg, error) bool) {
					for m, err := range open(t.Context(), b.stub) {
						wait(t.Context(), func() bool { return sent.Load() >= ahead })
						if !yield(m, err) {
							return
						}
					}
				}, n); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// wait waits until the condition holds or ctx has ended.
func wait(ctx context.Context, condition func() bool) {
	for !condition() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
}

// lengths reads everything that a stats handler gets except the messages
// themselves, like that of OpenTelemetry.
type lengths struct{ all atomic.Int64 }

func (*lengths) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (*lengths) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (*lengths) HandleConn(context.Context, stats.ConnStats)                       {}
func (l *lengths) HandleRPC(_ context.Context, s stats.RPCStats) {
	if out, ok := s.(*stats.OutPayload); ok {
		l.all.Add(int64(out.Length))
	}
}

// A client's stats handler can see a message after yield has returned: when
// grpc retries with what it has kept.
func TestGrpcShowsAMessageAgainWhenItRetries(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int32
	shown := new(payloads)
	b := start(t, fake{sum: func(ctx context.Context, reqs msgs) (*msg, error) {
		if attempts.Add(1) == 1 {
			wait(ctx, shown.returned.Load)
			return nil, status.Error(codes.Unavailable, "try again")
		}
		_, err := collect(reqs)
		return num(1), err
	}}, options{dial: []grpc.DialOption{grpc.WithDefaultServiceConfig(retrying), grpc.WithStatsHandler(shown)}})
	m := num(1)
	_, err := b.stub.SumSquare(t.Context(), func(yield func(*msg, error) bool) {
		yield(m, nil)
		shown.returned.Store(true)
	})
	if err != nil {
		t.Error(err)
	}
	if got := shown.after.Load(); got != m {
		t.Errorf("shown after yield = %v: has grpc become more careful?", got)
	}
}

// payloads keeps the messages that it sees after yield has returned.
type payloads struct {
	lengths
	returned atomic.Bool
	after    atomic.Pointer[msg]
}

func (p *payloads) HandleRPC(_ context.Context, s stats.RPCStats) {
	if out, ok := s.(*stats.OutPayload); ok && p.returned.Load() {
		p.after.Store(out.Payload.(*msg))
	}
}
