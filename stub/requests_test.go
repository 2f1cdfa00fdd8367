package stub_test

import (
	"context"
	"iter"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stub"
)

// handlers make a fake whose handlers of one of the two kinds with requests
// call f.
var handlers = map[string]func(f func(context.Context, msgs) (*msg, error)) fake{
	"client streaming": func(f func(context.Context, msgs) (*msg, error)) fake { return fake{sum: f} },
	"bidirectional": func(f func(context.Context, msgs) (*msg, error)) fake {
		return fake{streams: func(ctx context.Context, reqs msgs) msgs {
			return func(yield func(*msg, error) bool) { yield(f(ctx, reqs)) }
		}}
	},
}

func TestRequestsGoOnWhereALoopWasLeft(t *testing.T) {
	t.Parallel()
	for kind, handle := range handlers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, handle(func(_ context.Context, reqs msgs) (*msg, error) {
					var header float64
					for req, err := range reqs {
						if err != nil {
							return nil, err
						}
						header = req.GetMessage()
						break
					}
					chunks, err := collect(reqs)
					if header != 1 || len(chunks) != 3 || chunks[0] != 2 || err != nil {
						t.Errorf("header = %v, chunks = %v (%v), want 1, [2 3 4]", header, chunks, err)
					}
					for range 2 { // and after the half-close
						if again, err := collect(reqs); len(again) != 0 || err != nil {
							t.Errorf("after the end: (%v, %v), want nothing", again, err)
						}
					}
					return num(0), nil
				}))
				if err := senders[kind](t.Context(), b.stub, count(4)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestRequestsYieldTheirErrorAgain(t *testing.T) {
	t.Parallel()
	for kind, handle := range handlers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, handle(func(_ context.Context, reqs msgs) (*msg, error) {
					first := error(nil)
					for range 3 {
						got, err := collect(reqs)
						wantCode(t, err, codes.ResourceExhausted)
						if first != nil && (err != first || len(got) != 0) {
							t.Errorf("again: (%v, %v), want only the error %v", got, err, first)
						}
						first = err
					}
					return nil, first
				}), options{receives: 1 << 10})
				reqs := func(yield func(*msg, error) bool) {
					_ = yield(num(1), nil) && yield(big(2, 2<<10), nil) && yield(num(3), nil)
				}
				wantCode(t, senders[kind](t.Context(), b.stub, reqs), codes.ResourceExhausted)
			})
		})
	}
}

func TestRequestsEndWithTheHandler(t *testing.T) {
	t.Parallel()
	for kind, handle := range handlers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var kept msgs
				blocked := make(chan error)
				b := start(t, handle(func(_ context.Context, reqs msgs) (*msg, error) {
					kept = reqs
					go func() {
						_, err := collect(reqs)
						blocked <- err
					}()
					synctest.Wait() // for collect to wait for a message
					return num(1), nil
				}))
				more, returned := make(chan struct{}), make(chan error, 1)
				go func() {
					returned <- senders[kind](t.Context(), b.stub, func(yield func(*msg, error) bool) {
						<-more
						yield(num(1), nil)
					})
				}()
				wantCode(t, <-blocked, codes.Canceled)
				close(more)
				if err := <-returned; err != nil {
					t.Error(err)
				}
				for range 2 {
					got, err := collect(kept)
					wantCode(t, err, codes.Canceled)
					// The error must be ours: the result of a stream that grpc has given
					// up is random.
					if err != nil && !strings.Contains(err.Error(), "the handler has returned") {
						t.Errorf("error = %v, want it to name the reason", err)
					}
					if len(got) != 0 {
						t.Errorf("messages after the handler = %v, want none", got)
					}
				}
			})
		})
	}
}

// lateStream has a message for a RecvMsg that began before the handler
// returned.
type lateStream struct {
	grpc.ServerStream
	ctx     context.Context
	waiting chan struct{} // closed when RecvMsg waits
	arrived chan struct{} // lets it return
}

func (s *lateStream) Context() context.Context { return s.ctx }
func (s *lateStream) SendMsg(any) error        { return nil }
func (s *lateStream) RecvMsg(any) error {
	close(s.waiting)
	<-s.arrived
	return nil
}

// A message that arrives after the handler has returned is not yielded, even if
// a goroutine was already waiting for it.
func TestARequestThatArrivesAfterTheHandlerIsNotYielded(t *testing.T) {
	t.Parallel()
	ss := &lateStream{ctx: t.Context(), waiting: make(chan struct{}), arrived: make(chan struct{})}
	late := make(chan error, 1)
	err := stub.HandleClientStreaming(ss, "/service/Method", stub.Make[msg], func(_ context.Context, reqs iter.Seq2[*msg, error]) (*msg, error) {
		go func() {
			for req, err := range reqs {
				if req != nil {
					t.Errorf("yielded %v after the handler", req)
				}
				late <- err
				return
			}
		}()
		<-ss.waiting
		return num(1), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	close(ss.arrived)
	wantCode(t, <-late, codes.Canceled)
}

func TestRequestsMayBeRangedByManyGoroutines(t *testing.T) {
	t.Parallel()
	for kind, handle := range handlers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			const n, readers = 1000, 4
			b := start(t, handle(func(_ context.Context, reqs msgs) (*msg, error) {
				sums := make(chan float64)
				for range readers {
					go func() {
						sum := 0.0
						for req, err := range reqs {
							if err != nil {
								t.Error(err)
							}
							sum += req.GetMessage()
						}
						sums <- sum
					}()
				}
				total := 0.0
				for range readers {
					total += <-sums
				}
				if want := float64(n * (n + 1) / 2); total != want {
					t.Errorf("total = %v, want %v", total, want)
				}
				return num(total), nil
			}))
			if err := senders[kind](t.Context(), b.stub, count(n)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRangingTwiceIsTwoCalls(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int64
				b := start(t, responding(count(2)), options{streams: []grpc.StreamServerInterceptor{
					func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
						calls.Add(1)
						return handler(srv, ss)
					},
				}})
				seq := open(t.Context(), b.stub)
				for range 2 {
					if got, err := collect(seq); err != nil || len(got) != 2 {
						t.Errorf("got (%v, %v), want two messages", got, err)
					}
				}
				synctest.Wait()
				if n := calls.Load(); n != 2 {
					t.Errorf("%d calls on the wire, want 2", n)
				}
			})
		})
	}
}

func TestASequenceMayBeRangedByManyGoroutines(t *testing.T) {
	t.Parallel()
	b := start(t, squarer)
	// Ranging each of them ranges the requests too.
	for _, seq := range []msgs{
		b.stub.RangeSquare(t.Context(), num(100)),
		b.stub.StreamrangeSquare(t.Context(), count(100)),
	} {
		done := make(chan struct{})
		for range 8 {
			go func() {
				defer func() { done <- struct{}{} }()
				got, err := collect(seq)
				if err != nil || len(got) != 100 || got[99] != 10000 {
					t.Errorf("got (%v, %v), want 100 squares", got, err)
				}
			}()
		}
		for range 8 {
			<-done
		}
	}
}

func TestBothSidesMayFloodAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, size = 200, 64 << 10
		flood := func(yield func(*msg, error) bool) {
			for i := range n {
				if !yield(big(float64(i+1), size), nil) {
					return
				}
			}
		}
		read := make(chan []float64, 1)
		b := start(t, fake{streams: func(_ context.Context, reqs msgs) msgs {
			return func(yield func(*msg, error) bool) {
				done := make(chan struct{})
				go func() {
					defer close(done)
					got, err := collect(reqs)
					if err != nil {
						t.Error(err)
					}
					read <- got
				}()
				flood(yield)
				<-done
			}
		}})
		got, err := collect(b.stub.StreamrangeSquare(t.Context(), flood))
		if err != nil || len(got) != n || got[n-1] != n {
			t.Errorf("%d responses (%v), want %d in order", len(got), err, n)
		}
		if got := <-read; len(got) != n || got[n-1] != n {
			t.Errorf("%d requests, want %d in order", len(got), n)
		}
	})
}

// A stub can be the implementation of a server: a proxy.
func TestAStubIsAnImplementation(t *testing.T) {
	t.Parallel()
	upstream := start(t, squarer)
	b := start(t, upstream.stub)
	res, err := b.stub.Square(t.Context(), num(3))
	if err != nil || res.GetMessage() != 9 {
		t.Errorf("Square = (%v, %v), want 9", res, err)
	}
	res, err = b.stub.SumSquare(t.Context(), count(3))
	if err != nil || res.GetMessage() != 14 {
		t.Errorf("SumSquare = (%v, %v), want 14", res, err)
	}
	for kind, seq := range map[string]msgs{
		"RangeSquare":       b.stub.RangeSquare(t.Context(), num(3)),
		"StreamrangeSquare": b.stub.StreamrangeSquare(t.Context(), count(3)),
	} {
		got, err := collect(seq)
		if err != nil || len(got) != 3 || got[2] != 9 {
			t.Errorf("%s = (%v, %v), want 1, 4, 9", kind, got, err)
		}
		leave(t, seq)
	}
	for _, err := range b.stub.StreamrangeSquare(t.Context(), func(yield func(*msg, error) bool) {
		yield(nil, status.Error(codes.Aborted, "mine"))
	}) {
		wantCode(t, err, codes.Aborted)
	}
}
