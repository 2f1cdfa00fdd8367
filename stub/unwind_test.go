package stub_test

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/internal/synctest"
)

// patience is how often a sequence may ignore false on its own goroutine.
const patience = 2000

func TestAHandlerThatIgnoresThousandsOfFalsesIsUnwound(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var panics, falses atomic.Int64
				deferred := make(chan int64, 1)
				b := start(t, responding(func(yield func(*msg, error) bool) {
					defer func() { deferred <- falses.Load() }()
					for {
						if !yield(big(1, 64<<10), nil) {
							falses.Add(1)
						}
					}
				}), options{streams: []grpc.StreamServerInterceptor{recovering(&panics)}})
				leave(t, open(t.Context(), b.stub))
				if n := <-deferred; n < patience-1 || n > patience {
					t.Errorf("yield returned false %d times, want about %d", n, patience)
				}
				synctest.Wait()
				if panics.Load() != 0 {
					t.Error("a panic has come out of the handler")
				}
			})
		})
	}
}

// Each worker must end, and a handler with nothing else to do must end by
// itself: none of its code is skipped.
func TestWorkersThatShareYieldGetOut(t *testing.T) {
	t.Parallel()
	const workers = 8
	share := func(ended chan<- bool) msgs {
		return func(yield func(*msg, error) bool) {
			defer func() { ended <- true }()
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range workers {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for {
						mu.Lock()
						ok := yield(big(1, 16<<10), nil)
						mu.Unlock()
						if !ok {
							return
						}
					}
				}()
			}
			wg.Wait()
		}
	}
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan bool, 1)
				b := start(t, responding(share(ended)))
				leave(t, open(t.Context(), b.stub))
				<-ended
			})
		})
	}
	for kind, send := range senders {
		t.Run("requests/"+kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan bool, 1)
				b := start(t, refusing)
				wantCode(t, send(t.Context(), b.stub, share(ended)), codes.PermissionDenied)
				<-ended
			})
		})
	}
}

// A goroutine that the handler has started is not ended, and does not keep a
// processor busy.
func TestAGoroutineThatIgnoresYieldIsSlowedDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const ignored = 20_000
		falses := make(chan time.Duration, 1)
		b := start(t, responding(func(yield func(*msg, error) bool) {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for yield(big(1, 64<<10), nil) {
				}
				began := time.Now()
				for range ignored {
					if yield(num(1), nil) {
						t.Error("yield has returned true after false")
					}
				}
				falses <- time.Since(began)
			}()
			<-ended
		}))
		leave(t, b.stub.RangeSquare(t.Context(), num(1)))
		if took := <-falses; took < ignored*time.Millisecond {
			t.Errorf("%d falses took %v: want a millisecond for most", ignored, took)
		}
	})
}

// A yield that outlives its sequence returns false. A sequence that keeps
// calling it is finally stopped, but not the one to which the yield belongs.
func TestTheYieldOfAnotherSequence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		times int
		want  codes.Code
	}{
		"is false":          {10, codes.OK},
		"ignored too often": {10 * patience, codes.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, fake{sum: squarer.sum})
				proxy := start(t, fake{ranges: func(ctx context.Context, _ *msg) msgs {
					return func(yield func(*msg, error) bool) {
						var kept func(*msg, error) bool
						_, _ = b.stub.SumSquare(ctx, func(y func(*msg, error) bool) { kept = y })
						for range test.times {
							if kept(num(1), nil) {
								t.Error("the yield of a sequence that has ended returned true")
							}
						}
						yield(num(1), nil)
					}
				}})
				_, err := collect(proxy.stub.RangeSquare(t.Context(), num(1)))
				if wantCode(t, err, test.want); test.want != codes.OK {
					wantInternal(t, err, "the yield of another")
				}
			})
		})
	}
}

// If other goroutines have ignored 999 falses, the handler has ignored none:
// its own first one must not unwind it.
func TestFalsesOfOthersAreNotTheSequences(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reached := make(chan bool, 1)
		b := start(t, responding(func(yield func(*msg, error) bool) {
			for yield(big(1, 64<<10), nil) {
			}
			for range 3 * patience {
				done := make(chan struct{})
				go func() {
					defer close(done)
					yield(num(1), nil)
				}()
				<-done
			}
			yield(num(1), nil)
			reached <- true
		}))
		leave(t, b.stub.RangeSquare(t.Context(), num(1)))
		<-reached
	})
}

// The frames of the sequence may be many.
func TestADeepSequenceIsUnwound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		deferred := make(chan bool, 1)
		b := start(t, responding(func(yield func(*msg, error) bool) {
			defer func() { deferred <- true }()
			var deep func(int)
			deep = func(n int) {
				if n > 0 {
					deep(n - 1)
				}
				for n == 0 {
					yield(big(1, 64<<10), nil)
				}
			}
			deep(200)
		}))
		leave(t, b.stub.RangeSquare(t.Context(), num(1)))
		<-deferred
	})
}

// iter.Pull2 runs its sequence on another goroutine, for the caller of next.
func TestAYieldInsideOfPullEndsNobody(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(func(yield func(*msg, error) bool) {
					next, stop := iter.Pull2(func(func(int, error) bool) {
						yield(nil, nil)
						yield(num(1), nil)
					})
					defer stop()
					_, _, _ = next()
				}))
				_, err := collect(open(t.Context(), b.stub))
				wantInternal(t, err, "neither a message nor an error")
			})
		})
	}
}

// After the first unwinding, panics of users are recovered and raised again.
func TestAPanicIsItselfAfterAnUnwinding(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var panics atomic.Int64
		b := start(t, responding(func(yield func(*msg, error) bool) {
			for {
				yield(big(1, 64<<10), nil)
			}
		}))
		leave(t, b.stub.RangeSquare(t.Context(), num(1)))
		synctest.Wait()
		broken := start(t, responding(func(func(*msg, error) bool) { panic("broken") }),
			options{streams: []grpc.StreamServerInterceptor{recovering(&panics)}})
		_, err := collect(broken.stub.RangeSquare(t.Context(), num(1)))
		wantInternal(t, err, "recovered: broken")
	})
}
