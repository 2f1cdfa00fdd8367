package stub_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

// parked sends one request. Then it waits until the test ends, whatever happens
// to the call.
func parked(t *testing.T) msgs {
	t.Helper()
	free, gone := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(free); <-gone })
	return func(yield func(*msg, error) bool) {
		defer close(gone)
		if yield(num(1), nil) {
			<-free
		}
		if yield(num(2), nil) {
			t.Error("yield returned true after the call")
		}
	}
}

// silent reads one request of each stream and waits for the end of its context.
var silent = fake{
	ranges: func(ctx context.Context, _ *msg) msgs {
		return func(func(*msg, error) bool) { <-ctx.Done() }
	},
	sum: func(ctx context.Context, reqs msgs) (*msg, error) {
		for range reqs { //nolint:errcheck // only the end counts
			break
		}
		<-ctx.Done()
		return nil, ctx.Err()
	},
	streams: func(ctx context.Context, _ msgs) msgs {
		return func(func(*msg, error) bool) { <-ctx.Done() }
	},
}

// The end of the RPC does not wait for the producer, whatever the producer
// waits for.
func TestTheEndOfACallDoesNotWaitForItsProducer(t *testing.T) {
	t.Parallel()
	answer := fake{
		sum:     func(context.Context, msgs) (*msg, error) { return num(7), nil },
		streams: func(context.Context, msgs) msgs { return count(1) },
	}
	tests := map[string]struct {
		impl fake
		end  func(b backend, cancel context.CancelFunc) // when the server waits; nil if it ends by itself
		want codes.Code
	}{
		"answer":          {answer, nil, codes.OK},
		"refusal":         {refusing, nil, codes.PermissionDenied},
		"deadline":        {silent, nil, codes.DeadlineExceeded},
		"cancel":          {silent, func(_ backend, cancel context.CancelFunc) { cancel() }, codes.Canceled},
		"server stops":    {silent, func(b backend, _ context.CancelFunc) { b.stop() }, codes.Unavailable},
		"connection lost": {silent, func(b backend, _ context.CancelFunc) { b.cut() }, codes.Unavailable},
		"client closed":   {silent, func(b backend, _ context.CancelFunc) { b.closeConn() }, codes.Canceled},
	}
	for kind, send := range senders {
		for name, test := range tests {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := start(t, test.impl)
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					if test.end != nil {
						go func() {
							synctest.Wait()
							test.end(b, cancel)
						}()
					}
					began := time.Now()
					err := send(ctx, b.stub, parked(t))
					wantCode(t, err, test.want)
					if took := time.Since(began); test.want != codes.DeadlineExceeded && took > 0 {
						t.Errorf("the call took %v", took)
					}
				})
			})
		}
	}
}

// A one-line gateway passes on the end of its upstream while its own client
// waits.
func TestAGatewayPassesOnTheEndOfItsUpstream(t *testing.T) {
	t.Parallel()
	for kind, send := range senders {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				upstream := start(t, refusing)
				gateway := start(t, upstream.stub)
				began := time.Now()
				wantCode(t, send(t.Context(), gateway.stub, parked(t)), codes.PermissionDenied)
				if took := time.Since(began); took > 0 {
					t.Errorf("the call took %v", took)
				}
			})
		})
		t.Run(kind+"/upstream dies", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				upstream := start(t, silent)
				gateway := start(t, upstream.stub)
				go func() {
					synctest.Wait()
					upstream.stop()
				}()
				wantCode(t, send(t.Context(), gateway.stub, parked(t)), codes.Unavailable)
			})
		})
	}
}

func TestAFailureThatHadArrivedWinsOverTheProducers(t *testing.T) {
	t.Parallel()
	errLate := errors.New("too late")
	synctest.Test(t, func(t *testing.T) {
		b := start(t, refusing)
		producer, looped := make(chan struct{}), false
		answering := start(t, fake{streams: func(context.Context, msgs) msgs {
			return func(yield func(*msg, error) bool) { _ = yield(num(1), nil) && yield(nil, errRefused) }
		}})
		// The caller is in the loop's body while the failure arrives.
		for _, err := range answering.stub.StreamrangeSquare(t.Context(), func(yield func(*msg, error) bool) {
			<-producer
			yield(nil, errLate)
		}) {
			if !looped {
				looped = true
				synctest.Wait()
				close(producer)
				synctest.Wait()
				continue
			}
			wantCode(t, err, codes.PermissionDenied)
			if errors.Is(err, errLate) {
				t.Error("the failure is the producer's")
			}
		}
		// Or the caller does not receive yet, since an interceptor blocks it.
		_, err := b.stub.SumSquare(t.Context(), func(yield func(*msg, error) bool) {
			synctest.Wait()
			yield(nil, errLate)
		})
		wantCode(t, err, codes.PermissionDenied)
	})
}

// An interceptor that turns a cancellation into success must not make half of
// the requests look complete.
func TestAProducersErrorWinsOverAnEndThatAnInterceptorMadeGood(t *testing.T) {
	t.Parallel()
	errDisk := errors.New("disk failed")
	for kind, send := range senders {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, silent, intercepted(func(cs grpc.ClientStream) grpc.ClientStream { return forgiving{cs} }))
				err := send(t.Context(), b.stub, func(yield func(*msg, error) bool) {
					_ = yield(num(1), nil) && yield(nil, errDisk)
				})
				if !errors.Is(err, errDisk) {
					t.Errorf("error = %v, want %v", err, errDisk)
				}
			})
		})
	}
}

// intercepted returns the options of a client whose streams are wrapped.
func intercepted(wrap func(grpc.ClientStream) grpc.ClientStream) options {
	return options{callStream: func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		cs, err := streamer(ctx, desc, cc, method, opts...)
		if err != nil {
			return nil, err
		}
		return wrap(cs), nil
	}}
}

// forgiving is a stream of an interceptor that turns Canceled into a clean end.
type forgiving struct{ grpc.ClientStream }

func (f forgiving) RecvMsg(m any) error {
	err := f.ClientStream.RecvMsg(m)
	if status.Code(err) == codes.Canceled {
		return io.EOF
	}
	return err
}

// At a deadline or a cancellation the code is always that of the RPC, and the
// text names the host, however the producer finds out.
func TestTheCodeAtAnEndIsThatOfTheContext(t *testing.T) {
	t.Parallel()
	producers := map[string]func(context.Context) msgs{
		"FromChan":        func(ctx context.Context) msgs { return stream.FromChan(ctx, make(chan *msg)) },
		"Topic.Subscribe": func(ctx context.Context) msgs { return new(stream.Topic[*msg]).Subscribe(ctx) },
		"an own error": func(ctx context.Context) msgs {
			return func(yield func(*msg, error) bool) {
				<-ctx.Done()
				yield(nil, errors.New("interrupted"))
			}
		},
		"a wrapped error": func(ctx context.Context) msgs {
			return stream.Generate(func(func(*msg) error) error {
				<-ctx.Done()
				return errors.Join(errors.New("read"), context.Cause(ctx))
			})
		},
		"an earlier deadline": func(context.Context) msgs { // with its own timer
			return func(yield func(*msg, error) bool) {
				time.Sleep(deadline - time.Nanosecond)
				yield(nil, context.DeadlineExceeded)
			}
		},
	}
	const tries = 50 // in each of 20 cases: a thousand
	for kind, send := range senders {
		for name, producer := range producers {
			for _, want := range []codes.Code{codes.DeadlineExceeded, codes.Canceled} {
				if name == "an earlier deadline" && want == codes.Canceled {
					continue
				}
				t.Run(kind+"/"+name+"/"+want.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						s := start(t, silent).stub.With(grpc.CallAuthority("lab.example"))
						for range tries {
							ctx, cancel := context.WithTimeout(t.Context(), deadline)
							if want == codes.Canceled {
								time.AfterFunc(deadline/2, cancel)
							}
							err := send(ctx, s, producer(ctx))
							cancel()
							if err == nil || status.Code(err) != want || !strings.Contains(err.Error(), "(host lab.example)") {
								t.Fatalf("error = %v, want the code %v and the host", err, want)
							}
						}
					})
				})
			}
		}
	}
}

const deadline = 10 * time.Millisecond

// Likewise for a hand-written call: the context is not the call's.
func TestAnOwnContextOfTheProducersIsItsError(t *testing.T) {
	t.Parallel()
	for kind, send := range senders {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, silent)
				own, cancel := context.WithCancel(t.Context())
				cancel()
				err := send(t.Context(), b.stub, stream.FromChan(own, make(chan *msg)))
				wantCode(t, err, codes.Canceled)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error = %v, want it to be %v", err, context.Canceled)
				}
			})
		})
	}
}
