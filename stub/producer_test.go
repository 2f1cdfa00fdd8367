package stub_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// senders are the two kinds of call with a producer. They return the error of
// the call.
var senders = map[string]func(context.Context, squares.SquareServiceStub, msgs) error{
	"client streaming": func(ctx context.Context, s squares.SquareServiceStub, reqs msgs) error {
		_, err := s.SumSquare(ctx, reqs)
		return err
	},
	"bidirectional": func(ctx context.Context, s squares.SquareServiceStub, reqs msgs) error {
		_, err := collect(s.StreamrangeSquare(ctx, reqs))
		return err
	},
}

// refusing refuses all calls, without reading anything.
var refusing = fake{
	square: func(context.Context, *msg) (*msg, error) { return nil, errRefused },
	ranges: func(context.Context, *msg) msgs {
		return func(yield func(*msg, error) bool) { yield(nil, errRefused) }
	},
	sum: func(context.Context, msgs) (*msg, error) { return nil, errRefused },
	streams: func(context.Context, msgs) msgs {
		return func(yield func(*msg, error) bool) { yield(nil, errRefused) }
	},
}

var errRefused = status.Error(codes.PermissionDenied, "not you")

// reading reads all requests and reports how they ended.
func reading(ended chan<- error) fake {
	read := func(reqs msgs) error {
		_, err := collect(reqs)
		ended <- err
		return err
	}
	return fake{
		sum: func(_ context.Context, reqs msgs) (*msg, error) { return num(1), read(reqs) },
		streams: func(_ context.Context, reqs msgs) msgs {
			return func(yield func(*msg, error) bool) {
				if err := read(reqs); err != nil {
					yield(nil, err)
				}
			}
		},
	}
}

func TestAProducersErrorCancelsTheCallAndIsReturned(t *testing.T) {
	t.Parallel()
	errDisk := errors.New("disk failed")
	for kind, send := range senders {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				b := start(t, reading(ended))
				err := send(t.Context(), b.stub, func(yield func(*msg, error) bool) {
					if yield(num(1), nil) && yield(nil, errDisk) {
						t.Error("yield returned true after an error")
					}
				})
				if !errors.Is(err, errDisk) || err.Error() != errDisk.Error() {
					t.Errorf("error = %v, want the producer's own", err)
				}
				if s, ok := status.FromError(err); !ok || s.Code() != codes.Unknown {
					t.Errorf("status = %v, want the code Unknown", s)
				}
				// Not nil: that would be a clean end of half of the requests.
				wantCode(t, <-ended, codes.Canceled)
			})
		})
	}
}

func TestAProducersPanicGoesOnAtTheCaller(t *testing.T) {
	t.Parallel()
	for kind, send := range senders {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				b := start(t, reading(ended))
				func() {
					defer func() {
						if r := recover(); r != "broken" {
							t.Errorf("recovered %v, want the producer's panic", r)
						}
					}()
					err := send(t.Context(), b.stub, func(yield func(*msg, error) bool) {
						yield(num(1), nil)
						panic("broken")
					})
					t.Errorf("the call returned (error %v)", err)
				}()
				wantCode(t, <-ended, codes.Canceled)
			})
		})
	}
}

func TestAProducersGoexitGoesOnAtTheCaller(t *testing.T) {
	t.Parallel()
	for kind, send := range senders {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				b := start(t, reading(ended))
				returned, done := false, make(chan struct{})
				go func() {
					defer close(done)
					_ = send(t.Context(), b.stub, func(yield func(*msg, error) bool) {
						yield(num(1), nil)
						runtime.Goexit()
					})
					returned = true
				}()
				<-done
				if returned {
					t.Error("the call returned")
				}
				wantCode(t, <-ended, codes.Canceled)
			})
		})
	}
}

// A panic while the caller is in the loop's body must not be lost when the
// caller leaves.
func TestAProducersPanicGoesOnAtACallerWhoLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, squarer)
		defer func() {
			if r := recover(); r != "broken" {
				t.Errorf("recovered %v, want the producer's panic", r)
			}
		}()
		broken := make(chan struct{})
		for _, err := range b.stub.StreamrangeSquare(t.Context(), func(yield func(*msg, error) bool) {
			yield(num(1), nil)
			<-broken
			panic("broken")
		}) {
			if err != nil {
				t.Error(err)
			}
			close(broken)
			synctest.Wait()
			break
		}
		t.Error("the loop was left without the panic")
	})
}

func TestAProducersMisuseIsInternalAndNamesTheMethod(t *testing.T) {
	t.Parallel()
	tests := map[string]msgs{
		"nil sequence":                   nil,
		"neither a message nor an error": func(yield func(*msg, error) bool) { yield(nil, nil) },
		"io.EOF":                         func(yield func(*msg, error) bool) { yield(nil, io.EOF) },
		"an error with the status OK":    func(yield func(*msg, error) bool) { yield(nil, okError{}) },
	}
	for kind, send := range senders {
		for name, reqs := range tests {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ended := make(chan error, 1)
					b := start(t, reading(ended))
					wantInternal(t, send(t.Context(), b.stub, reqs), "quare")
					if ended := endOfShortCall(ended); ended != nil {
						wantCode(t, ended, codes.Canceled)
					}
				})
			})
		}
	}
}

func TestAProducerIsStoppedWhenTheServerAnswersEarly(t *testing.T) {
	t.Parallel()
	for kind, send := range senders {
		for name, want := range map[string]codes.Code{"answer": codes.OK, "failure": codes.FailedPrecondition} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					end := func(reqs msgs) error {
						if want == codes.OK {
							for _, err := range reqs { // reads one
								return err
							}
						}
						return status.Error(want, "no") // reads none
					}
					b := start(t, fake{
						sum: func(_ context.Context, reqs msgs) (*msg, error) { return num(7), end(reqs) },
						streams: func(_ context.Context, reqs msgs) msgs {
							return func(yield func(*msg, error) bool) {
								if err := end(reqs); err != nil {
									yield(nil, err)
								}
							}
						},
					})
					stopped := make(chan bool, 1)
					err := send(t.Context(), b.stub, func(yield func(*msg, error) bool) {
						defer func() { stopped <- true }()
						for yield(big(1, 16<<10), nil) {
						}
					})
					wantCode(t, err, want)
					<-stopped
				})
			})
		}
	}
}

func TestAnEarlyAnswerIsReturned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, fake{sum: func(context.Context, msgs) (*msg, error) { return num(7), nil }})
		res, err := b.stub.SumSquare(t.Context(), forever)
		if err != nil || res.GetMessage() != 7 {
			t.Errorf("got (%v, %v), want 7", res, err)
		}
	})
}

// answering is a plain grpc service that answers a client-streaming call n times.
func answering(n int) options {
	return options{register: func(r grpc.ServiceRegistrar) {
		r.RegisterService(&grpc.ServiceDesc{
			ServiceName: squares.SquareServiceName,
			HandlerType: (*any)(nil),
			Streams: []grpc.StreamDesc{{
				StreamName: "sumSquare", ClientStreams: true, ServerStreams: true,
				Handler: func(_ any, ss grpc.ServerStream) error {
					ss.SetTrailer(metadata.Pairs("end", "e"))
					for i := range n {
						if err := ss.SendMsg(num(float64(i))); err != nil {
							return err
						}
					}
					if n > 1 {
						<-ss.Context().Done() // a stream that never ends by itself
					}
					return nil
				},
			}},
		}, struct{}{})
	}}
}

// Not parallel: goroutines are counted.
func TestAServerThatAnswersTwiceIsAnErrorAndLeaksNothing(t *testing.T) { //nolint:paralleltest // goroutines are counted
	for name, n := range map[string]int{"not at all": 0, "twice": 2, "ten times": 10} { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) {
			b := start(t, nil, answering(n))
			_, _ = b.stub.SumSquare(t.Context(), count(1)) // connects
			before := goleak.IgnoreCurrent()
			for range 100 {
				var trailer metadata.MD
				res, err := b.stub.With(grpc.Trailer(&trailer)).SumSquare(t.Context(), count(1))
				wantCode(t, err, notOneAnswer())
				if res != nil {
					t.Errorf("response = %v, want none", res)
				}
				_ = trailer.Get("end")                           // nothing writes it any more
				_, err = b.stub.SumSquare(t.Context(), count(1)) // without targets
				wantCode(t, err, notOneAnswer())
			}
			if err := goleak.Find(before); err != nil {
				t.Error(err)
			}
		})
	}
}

// A producer that waits in its own code cannot be woken, so the loop does not
// wait for it. A context does wake it.
func TestAParkedProducerDoesNotHoldTheLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, squarer)
		ctx, cancel := context.WithCancel(t.Context())
		ch := make(chan *msg, 1)
		ch <- num(3)
		ended := make(chan struct{})
		reqs := func(yield func(*msg, error) bool) {
			defer close(ended)
			stream.FromChan(ctx, ch)(yield)
		}
		for res, err := range b.stub.StreamrangeSquare(t.Context(), reqs) {
			if err != nil || res.GetMessage() != 9 {
				t.Errorf("got (%v, %v), want 9", res, err)
			}
			break
		}
		synctest.Wait()
		select {
		case <-ended:
			t.Error("the producer has ended: it was not parked")
		default:
		}
		cancel()
		<-ended
	})
}

func TestAProducersNextYieldIsFalseWhenTheCallHasEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, squarer)
		next, yielded := make(chan struct{}), make(chan bool, 1)
		for _, err := range b.stub.StreamrangeSquare(t.Context(), func(yield func(*msg, error) bool) {
			yield(num(1), nil)
			<-next
			yielded <- yield(num(2), nil)
		}) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		close(next)
		if <-yielded {
			t.Error("yield returned true")
		}
	})
}

// The writes of the producer are visible to a caller whose call has read all
// requests.
func TestWhatTheProducerDidIsVisibleAfterTheCall(t *testing.T) {
	t.Parallel()
	for kind, send := range senders {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := start(t, squarer)
			sent := 0 // the race detector watches it
			for range 200 {
				if err := send(t.Context(), b.stub, func(yield func(*msg, error) bool) {
					for i := range 10 {
						if !yield(num(float64(i)), nil) {
							return
						}
						sent++
					}
				}); err != nil {
					t.Error(err)
				}
				sent++
			}
			if sent != 2200 {
				t.Errorf("sent = %d, want 2200", sent)
			}
		})
	}
}

// The library alone ensures this: this transport has no lock that would.
func TestTheEndOfTheProducerIsMarkedBeforeTheHalfClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := wire{send: func(any) error { return nil }, receive: func(any) error {
			time.Sleep(time.Second) // until everything else waits, without synchronizing
			return nil
		}}
		sent := 0
		if _, err := squares.NewSquareServiceStub(w).SumSquare(t.Context(), func(yield func(*msg, error) bool) {
			if yield(num(1), nil) {
				sent++
			}
		}); err != nil {
			t.Error(err)
		}
		if sent++; sent != 2 {
			t.Errorf("sent = %d, want 2", sent)
		}
	})
}
