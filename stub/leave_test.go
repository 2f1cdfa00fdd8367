package stub_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// loops are the two kinds of call whose responses are ranged.
var loops = map[string]func(context.Context, squares.SquareServiceStub) msgs{
	"server streaming": func(ctx context.Context, s squares.SquareServiceStub) msgs {
		return s.RangeSquare(ctx, num(1))
	},
	"bidirectional": func(ctx context.Context, s squares.SquareServiceStub) msgs {
		return s.StreamrangeSquare(ctx, forever)
	},
}

// exits are the ways out of a loop over seq.
var exits = map[string]func(seq msgs){
	"break": func(seq msgs) {
		for _, err := range seq {
			_ = err
			break
		}
	},
	"return": func(seq msgs) {
		for _, err := range seq {
			_ = err
			return
		}
	},
	"panic": func(seq msgs) {
		defer func() { _ = recover() }()
		for _, err := range seq {
			_ = err
			panic("out")
		}
	},
	"stop of ToRecv": func(seq msgs) {
		recv, stop := stream.ToRecv(seq)
		_, _ = recv()
		stop()
	},
	"Goexit": func(seq msgs) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for _, err := range seq {
				_ = err
				runtime.Goexit()
			}
		}()
		<-done
	},
}

// waiting answers each call with one message and then waits for the end of the
// call's context. It counts the calls that have ended.
func waiting(ended *atomic.Int64) fake {
	respond := func(ctx context.Context) msgs {
		return func(yield func(*msg, error) bool) {
			yield(num(1), nil)
			<-ctx.Done()
			if errors.Is(ctx.Err(), context.Canceled) {
				ended.Add(1)
			}
		}
	}
	return fake{
		ranges:  func(ctx context.Context, _ *msg) msgs { return respond(ctx) },
		streams: func(ctx context.Context, _ msgs) msgs { return respond(ctx) },
	}
}

// Not parallel: goroutines are counted.
func TestLeavingALoopReleasesItsGoroutinesAndCancelsTheHandler(t *testing.T) { //nolint:paralleltest // goroutines are counted
	const times = 1000
	for kind, open := range loops { //nolint:paralleltest // as above
		for way, leave := range exits {
			t.Run(kind+"/"+way, func(t *testing.T) {
				var ended atomic.Int64
				b := start(t, waiting(&ended))
				leave(open(t.Context(), b.stub)) // connects
				before := goleak.IgnoreCurrent()
				for i := range times {
					if kind == "bidirectional" && i%10 != 0 { // a flood takes time
						leave(b.stub.StreamrangeSquare(t.Context(), count(1)))
						continue
					}
					leave(open(t.Context(), b.stub))
				}
				if err := goleak.Find(before); err != nil {
					t.Error(err)
				}
				if got := ended.Load(); got != times+1 {
					t.Errorf("%d handlers saw their context canceled, want %d", got, times+1)
				}
			})
		}
	}
}

func TestAnIgnoredResultCostsNothing(t *testing.T) { //nolint:paralleltest // goroutines are counted
	var calls atomic.Int64
	b := start(t, squarer, options{callStream: func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		calls.Add(1)
		return streamer(ctx, desc, cc, method, opts...)
	}})
	before := goleak.IgnoreCurrent()
	for range 1000 {
		for _, open := range loops {
			_ = open(t.Context(), b.stub)
		}
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls were made, want none", n)
	}
}

func TestLeavingALoopEndsTheCallBeforeTheNextStatement(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		for way, leave := range exits {
			t.Run(kind+"/"+way, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var ended atomic.Int64
					var call context.Context
					b := start(t, waiting(&ended), options{callStream: func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
						call = ctx
						return streamer(ctx, desc, cc, method, opts...)
					}})
					leave(open(t.Context(), b.stub))
					if call.Err() == nil {
						t.Error("the context of the call continues after the loop")
					}
				})
			})
		}
	}
}

// TestTargetsAreNotWrittenAfterTheLoop reads the targets right after the loop.
// The race detector finds later writes.
func TestTargetsAreNotWrittenAfterTheLoop(t *testing.T) {
	t.Parallel()
	chatty := func(ctx context.Context) msgs {
		_ = grpc.SetHeader(ctx, metadata.Pairs("header", "h"))
		_ = grpc.SetTrailer(ctx, metadata.Pairs("end", "e"))
		return forever
	}
	b := start(t, fake{
		ranges:  func(ctx context.Context, _ *msg) msgs { return chatty(ctx) },
		streams: func(ctx context.Context, _ msgs) msgs { return chatty(ctx) },
	})
	for kind, open := range loops {
		for way, leave := range exits {
			t.Run(kind+"/"+way, func(t *testing.T) {
				t.Parallel()
				for range 50 {
					var header, trailer metadata.MD
					var from peer.Peer
					leave(open(t.Context(), b.stub.With(grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&from))))
					if got := header.Get("header"); len(got) != 1 || from.Addr == nil {
						t.Errorf("header = %v, peer = %v: want those of the server", header, from.Addr)
					}
					trailer.Set("mine", "now") // only this goroutine uses it
					header.Set("mine", "now")
				}
			})
		}
	}
}

func TestTargetsAreWrittenBeforeTheErrorIsSeen(t *testing.T) {
	t.Parallel()
	failing := func(ctx context.Context) msgs {
		return func(yield func(*msg, error) bool) {
			_ = grpc.SetTrailer(ctx, metadata.Pairs("end", "e"))
			_ = yield(num(1), nil) && yield(nil, status.Error(codes.DataLoss, "lost"))
		}
	}
	b := start(t, fake{
		ranges:  func(ctx context.Context, _ *msg) msgs { return failing(ctx) },
		streams: func(ctx context.Context, _ msgs) msgs { return failing(ctx) },
	})
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var trailer metadata.MD
			seen := false
			for _, err := range open(t.Context(), b.stub.With(grpc.Trailer(&trailer))) {
				if err != nil {
					seen = true
					wantCode(t, err, codes.DataLoss)
					if got := trailer.Get("end"); len(got) != 1 {
						t.Errorf("trailer = %v, want that of the server", trailer)
					}
				}
			}
			if !seen {
				t.Error("the sequence ended without its error")
			}
		})
	}
}

func TestTheServerSeesCanceledWhenALoopIsLeft(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				yielded := make(chan error, 1)
				read := make(chan error, 1)
				flood := func(yield func(*msg, error) bool) {
					for yield(big(1, 64<<10), nil) { // until flow control blocks it
					}
				}
				b := start(t, fake{
					ranges: func(ctx context.Context, _ *msg) msgs {
						return func(yield func(*msg, error) bool) {
							defer func() {
								<-ctx.Done() // grpc fails sends before it ends the context
								yielded <- ctx.Err()
							}()
							read <- context.Canceled
							flood(yield)
						}
					},
					streams: func(ctx context.Context, reqs msgs) msgs {
						return func(yield func(*msg, error) bool) {
							defer func() {
								<-ctx.Done() // grpc fails sends before it ends the context
								yielded <- ctx.Err()
							}()
							flood(yield)
							_, err := collect(reqs)
							if status.Code(err) == codes.Canceled {
								err = context.Canceled
							}
							read <- err
						}
					},
				})
				for _, err := range open(t.Context(), b.stub) {
					if err != nil {
						t.Error(err)
					}
					synctest.Wait() // for the handler to be blocked in yield
					break
				}
				if err := <-yielded; !errors.Is(err, context.Canceled) {
					t.Errorf("the handler's defer saw %v, want %v", err, context.Canceled)
				}
				if err := <-read; !errors.Is(err, context.Canceled) {
					t.Errorf("the requests ended with %v, want Canceled", err)
				}
			})
		})
	}
}

func TestAHandlerBlockedOnItsContextGetsOut(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var ended atomic.Int64
				b := start(t, waiting(&ended))
				for _, err := range open(t.Context(), b.stub) {
					if err != nil {
						t.Error(err)
					}
					synctest.Wait()
					if ended.Load() != 0 {
						t.Error("the handler ended before the loop was left")
					}
					break
				}
				synctest.Wait()
				if ended.Load() != 1 {
					t.Error("the handler still waits for its context")
				}
			})
		})
	}
}
