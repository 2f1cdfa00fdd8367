package stub_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
)

// okError is an error whose status is OK.
type okError struct{}

func (okError) Error() string              { return "fine" }
func (okError) GRPCStatus() *status.Status { return status.New(codes.OK, "fine") }

func wantInternal(t *testing.T, err error, part string) {
	t.Helper()
	wantCode(t, err, codes.Internal)
	if err != nil && !strings.Contains(err.Error(), part) {
		t.Errorf("error = %v, want it to say %q", err, part)
	}
}

// responding answers each streaming call with seq.
func responding(seq msgs) fake {
	return fake{
		ranges:  func(context.Context, *msg) msgs { return seq },
		streams: func(context.Context, msgs) msgs { return seq },
	}
}

func TestAHandlersMisuseIsInternalAndNamesTheMethod(t *testing.T) {
	t.Parallel()
	tests := map[string]msgs{
		"nil sequence":                   nil,
		"neither a message nor an error": func(yield func(*msg, error) bool) { yield(nil, nil) },
		"io.EOF":                         func(yield func(*msg, error) bool) { yield(nil, io.EOF) },
		"an error with the status OK":    func(yield func(*msg, error) bool) { yield(nil, okError{}) },
	}
	for kind, open := range loops {
		for name, seq := range tests {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := start(t, responding(seq))
					got, err := collect(open(t.Context(), b.stub))
					wantInternal(t, err, "squarerpc_service.SquareService/")
					if len(got) != 0 {
						t.Errorf("messages = %v, want none", got)
					}
				})
			})
		}
	}
}

func TestAMethodsMisuseIsInternalAndNamesTheMethod(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"neither a message nor an error": nil,
		"an error with the status OK":    okError{},
		"io.EOF":                         io.EOF,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, fake{
					square: func(context.Context, *msg) (*msg, error) { return nil, err },
					sum:    func(context.Context, msgs) (*msg, error) { return nil, err },
				})
				_, err := b.stub.Square(t.Context(), num(1))
				wantInternal(t, err, "SquareService/square")
				_, err = b.stub.SumSquare(t.Context(), count(1))
				wantInternal(t, err, "SquareService/sumSquare")
			})
		})
	}
}

func TestAHandlersErrorEndsTheSequenceOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		seq  msgs
		want codes.Code
	}{
		"status":  {func(yield func(*msg, error) bool) { yield(nil, status.Error(codes.DataLoss, "lost")) }, codes.DataLoss},
		"plain":   {func(yield func(*msg, error) bool) { yield(nil, errors.New("lost")) }, codes.Unknown},
		"context": {func(yield func(*msg, error) bool) { yield(nil, context.DeadlineExceeded) }, codes.DeadlineExceeded},
		// The error wins: a message with it is not sent.
		"with a message": {func(yield func(*msg, error) bool) { yield(num(1), status.Error(codes.DataLoss, "lost")) }, codes.DataLoss},
		"wrapped EOF":    {func(yield func(*msg, error) bool) { yield(nil, errors.Join(io.EOF)) }, codes.Unknown},
	}
	for kind, open := range loops {
		for name, test := range tests {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := start(t, responding(test.seq))
					yields := 0
					for m, err := range open(t.Context(), b.stub) { // goes on after the error
						yields++
						if m != nil {
							t.Errorf("message = %v, want none", m)
						}
						wantCode(t, err, test.want)
					}
					if yields != 1 {
						t.Errorf("the sequence yielded %d times, want once", yields)
					}
				})
			})
		}
	}
}

func TestACleanEndIsNothing(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(count(3)))
				got, err := collect(open(t.Context(), b.stub))
				if err != nil || len(got) != 3 {
					t.Errorf("got (%v, %v), want three messages and no error", got, err)
				}
			})
		})
	}
}

// recovering counts the panics that come out of handlers.
func recovering(panics *atomic.Int64) grpc.ServerOption {
	return grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		defer func() {
			if r := recover(); r != nil {
				panics.Add(1)
				err = status.Errorf(codes.Internal, "recovered: %v", r)
			}
		}()
		return handler(srv, ss)
	})
}

// patience is how many falses a sequence may ignore on its own goroutine.
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
				}), options{server: []grpc.ServerOption{recovering(&panics)}})
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

// Each worker must get out, and a handler that has nothing else to do must end
// by itself: nothing of it is skipped.
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

// A goroutine of the handler's is its own: it is neither ended nor does it keep
// a processor busy.
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

// A yield that outlives its sequence returns false. A sequence that goes on
// calling it is stopped in the end, but not the one that the yield is of.
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

// A handler that has left 999 falses to other goroutines has ignored none: its
// own first one is no reason to skip anything.
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

// What iter.Pull2 runs is a goroutine of its own, and that of who calls next.
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

// After the first unwinding, panics of users are recovered and thrown again.
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
			options{server: []grpc.ServerOption{recovering(&panics)}})
		_, err := collect(broken.stub.RangeSquare(t.Context(), num(1)))
		wantInternal(t, err, "recovered: broken")
	})
}

func TestTwoGoroutinesThatYieldAreRefused(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(func(yield func(*msg, error) bool) {
					var wg sync.WaitGroup
					for range 2 {
						wg.Add(1)
						go func() {
							defer wg.Done()
							for yield(big(1, 64<<10), nil) {
							}
						}()
					}
					wg.Wait()
				}))
				var last error
				for _, err := range open(t.Context(), b.stub) {
					synctest.Wait() // both are in yield, of which one is blocked by flow control
					last = err
				}
				wantInternal(t, last, "two goroutines")
			})
		})
	}
}

func TestAHandlersPanicReachesTheInterceptors(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var panics atomic.Int64
				b := start(t, responding(func(yield func(*msg, error) bool) {
					yield(num(1), nil)
					panic("broken")
				}), options{server: []grpc.ServerOption{recovering(&panics)}})
				_, err := collect(open(t.Context(), b.stub))
				wantInternal(t, err, "recovered: broken")
				if panics.Load() != 1 {
					t.Errorf("%d panics were seen, want 1", panics.Load())
				}
			})
		})
	}
}
