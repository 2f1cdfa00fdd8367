package stub_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"

	"github.com/gohostrpc/gohost/internal/synctest"
)

func TestAMessageOverALimitEndsTheSequenceWithResourceExhausted(t *testing.T) {
	t.Parallel()
	second := func(yield func(*msg, error) bool) { // is too large
		_ = yield(num(1), nil) && yield(big(2, 2<<10), nil) && yield(num(3), nil)
	}
	limits := map[string]options{
		"what the client receives": {calls: []grpc.CallOption{grpc.MaxCallRecvMsgSize(1 << 10)}},
		"what the server sends":    {sends: 1 << 10},
	}
	for kind, open := range loops {
		for limit, opts := range limits {
			t.Run(kind+"/"+limit, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := start(t, responding(second), opts)
					got, err := collect(open(t.Context(), b.stub))
					wantCode(t, err, codes.ResourceExhausted)
					if len(got) != 1 {
						t.Errorf("messages = %v, want the first", got)
					}
				})
			})
		}
	}
	for kind, send := range senders {
		t.Run(kind+"/what the client sends", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				b := start(t, reading(ended), options{calls: []grpc.CallOption{grpc.MaxCallSendMsgSize(1 << 10)}})
				wantCode(t, send(t.Context(), b.stub, second), codes.ResourceExhausted)
				wantCode(t, <-ended, codes.Canceled)
			})
		})
	}
}

func TestADeadlineInMidStreamIsDeadlineExceeded(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				seen := make(chan error, 1)
				seq := func(ctx context.Context) msgs {
					return func(yield func(*msg, error) bool) {
						yield(num(1), nil)
						<-ctx.Done()
						seen <- ctx.Err()
					}
				}
				b := start(t, fake{
					ranges:  func(ctx context.Context, _ *msg) msgs { return seq(ctx) },
					streams: func(ctx context.Context, _ msgs) msgs { return seq(ctx) },
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				got, err := collect(open(ctx, b.stub))
				wantCode(t, err, codes.DeadlineExceeded)
				if len(got) != 1 {
					t.Errorf("messages = %v, want one", got)
				}
				if err := <-seen; err == nil {
					t.Error("the handler's context continues")
				}
			})
		})
	}
	for kind, send := range senders {
		t.Run("sending/"+kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				b := start(t, reading(ended))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				stopped := make(chan bool, 1)
				err := send(ctx, b.stub, func(yield func(*msg, error) bool) {
					for yield(num(1), nil) {
						time.Sleep(7 * time.Second)
					}
					stopped <- true
				})
				wantCode(t, err, codes.DeadlineExceeded)
				<-stopped
				if err := <-ended; err == nil {
					t.Error("the requests have a clean end")
				}
			})
		})
	}
}

func TestGracefulStopWaitsForOpenStreams(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(func(yield func(*msg, error) bool) {
					for i := range 3 {
						time.Sleep(time.Minute)
						if !yield(num(float64(i)), nil) {
							return
						}
					}
				}))
				var stopped atomic.Bool
				n := 0
				for _, err := range open(t.Context(), b.stub) {
					if n++; err != nil {
						t.Error(err)
					}
					if n == 1 {
						go func() {
							b.drain()
							stopped.Store(true)
						}()
					}
					if n < 3 && stopped.Load() { // the end of the server may overtake the last messages
						t.Error("the server has stopped during the stream")
					}
				}
				time.Sleep(time.Minute) // a server of net/http polls whether it may stop
				if n != 3 || !stopped.Load() {
					t.Errorf("%d messages, stopped = %v: want all three and then the stop", n, stopped.Load())
				}
			})
		})
	}
}

func TestStopEndsOpenStreams(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ended atomic.Int64
				b := start(t, waiting(&ended))
				yields := 0
				for _, err := range open(t.Context(), b.stub) {
					if yields++; yields == 1 {
						go b.stop()
						continue
					}
					wantCode(t, err, codes.Unavailable)
				}
				if yields != 2 {
					t.Errorf("%d yields, want a message and an error", yields)
				}
				synctest.Wait()
				if ended.Load() != 1 {
					t.Error("the handler did not see the end of its context")
				}
			})
		})
	}
}

func TestGoAwayLetsOpenStreamsEnd(t *testing.T) {
	t.Parallel()
	aged := func(grace time.Duration) options {
		return options{server: []grpc.ServerOption{grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge: time.Minute, MaxConnectionAgeGrace: grace,
		})}}
	}
	slow := func(yield func(*msg, error) bool) {
		for i := range 5 {
			time.Sleep(time.Minute)
			if !yield(num(float64(i)), nil) {
				return
			}
		}
	}
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(slow), aged(time.Hour))
				seq := open(t.Context(), b.stub)
				for range 2 { // the second on another connection
					if got, err := collect(seq); err != nil || len(got) != 5 {
						t.Errorf("got (%v, %v), want five messages", got, err)
					}
				}
			})
		})
		t.Run(kind+"/grace ends", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(slow), aged(time.Minute))
				got, err := collect(open(t.Context(), b.stub))
				wantCode(t, err, codes.Unavailable)
				if len(got) == 0 || len(got) == 5 {
					t.Errorf("%d messages, want some", len(got))
				}
			})
		})
	}
}

// proxied is a connection through a bad network.
type proxied struct {
	net.Conn
	piece int           // the largest piece to pass on
	delay time.Duration // of each piece
	cut   *atomic.Int64 // the number of bytes that may still be passed on
}

var errCut = errors.New("cut")

func (p proxied) pass(b []byte, through func([]byte) (int, error)) (int, error) {
	b = b[:min(len(b), p.piece)]
	time.Sleep(p.delay)
	if p.cut != nil && p.cut.Add(int64(-len(b))) < 0 {
		_ = p.Close()
		return 0, errCut
	}
	return through(b)
}

func (p proxied) Read(b []byte) (int, error) { return p.pass(b, p.Conn.Read) }

func (p proxied) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = p.pass(b[n:], p.Conn.Write)
		n += m
	}
	return n, err
}

func TestAConnectionThatDelaysAndSplits(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, squarer, options{wrap: func(c net.Conn) net.Conn {
					return proxied{Conn: c, piece: 64, delay: 3 * time.Millisecond}
				}})
				if err := call(t.Context(), b.stub); err != nil {
					t.Error(err)
				}
				leave(t, b.stub.StreamrangeSquare(t.Context(), forever))
			})
		})
	}
}

func TestAConnectionCutInMidMessageIsUnavailable(t *testing.T) {
	t.Parallel()
	// The connection carries 48 KiB, so it is cut in the second message.
	cut := func() options {
		left := new(atomic.Int64)
		left.Store(48 << 10)
		return options{wrap: func(c net.Conn) net.Conn { return proxied{Conn: c, piece: 64, cut: left} }}
	}
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				seen := make(chan error, 1)
				seq := func(ctx context.Context, reqs msgs) msgs {
					return func(yield func(*msg, error) bool) {
						defer func() {
							<-ctx.Done() // grpc fails sends before it ends the context
							seen <- ctx.Err()
						}()
						forever(yield)
					}
				}
				b := start(t, fake{
					ranges:  func(ctx context.Context, _ *msg) msgs { return seq(ctx, nil) },
					streams: seq,
				}, cut())
				if kind == "bidirectional" {
					open = func(ctx context.Context, s stubOf) msgs { return s.StreamrangeSquare(ctx, count(1)) }
				}
				got, err := collect(open(t.Context(), b.stub))
				wantCode(t, err, codes.Unavailable)
				if len(got) != 1 {
					t.Errorf("%d messages, want one", len(got))
				}
				if err := <-seen; err == nil {
					t.Error("the handler's context continues")
				}
			})
		})
	}
	for kind, send := range senders {
		t.Run("sending/"+kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				b := start(t, reading(ended), cut())
				stopped := make(chan bool, 1)
				wantCode(t, send(t.Context(), b.stub, func(yield func(*msg, error) bool) {
					forever(yield)
					stopped <- true
				}), codes.Unavailable)
				<-stopped
				if err := <-ended; err == nil {
					t.Error("the requests have a clean end")
				}
			})
		})
	}
}

func TestAServerThatIsNotThereIsOneError(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, squarer, options{unreachable: true})
				wantCode(t, call(t.Context(), b.stub), codes.Unavailable)
			})
		})
	}
}

func TestACallOnAClosedConnectionIsCanceled(t *testing.T) {
	t.Parallel()
	for kind, call := range calls {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, squarer)
				b.closeConn()
				wantCode(t, call(t.Context(), b.stub), codes.Canceled)
			})
		})
	}
}
