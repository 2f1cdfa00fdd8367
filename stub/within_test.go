package stub_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

// slow is a service that yields n messages, one every 20 s, and then calls end.
func slow(n int, end func(ctx context.Context) error) fake {
	seq := func(ctx context.Context) msgs {
		return func(yield func(*msg, error) bool) {
			for i := range n {
				time.Sleep(20 * time.Second)
				if !yield(num(float64(i+1)), nil) {
					return
				}
			}
			if err := end(ctx); err != nil {
				yield(nil, err)
			}
		}
	}
	return fake{
		ranges:  func(ctx context.Context, _ *msg) msgs { return seq(ctx) },
		streams: func(ctx context.Context, _ msgs) msgs { return seq(ctx) },
	}
}

func untilDone(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// wantSilence checks the error of a stream that was silent for too long.
func wantSilence(t *testing.T, err error, text string) {
	t.Helper()
	wantCode(t, err, codes.DeadlineExceeded)
	if got := status.Convert(err).Message(); got != "stream: "+text {
		t.Errorf("the text is %q, want %q", got, "stream: "+text)
	}
	if !stream.Resumable(err) {
		t.Errorf("%v does not say that the call may be made again", err)
	}
}

func TestSilenceEndsAStream(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		for name, opts := range map[string][]grpc.CallOption{"": nil, " with one message": {stream.ReuseMessages()}} {
			t.Run(kind+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					left := make(chan error, 1)
					b := start(t, slow(3, func(ctx context.Context) error {
						left <- untilDone(ctx)
						return nil
					}))
					s := b.stub.With(append(opts, grpc.CallAuthority("lab.example"))...)
					began := time.Now()
					got, err := collect(stream.Within(t.Context(), 30*time.Second, func(ctx context.Context) msgs { return open(ctx, s) }))
					wantSilence(t, err, "no message within 30s")
					if !strings.HasSuffix(err.Error(), " (host lab.example)") {
						t.Errorf("the error is %q, want one that names the host", err)
					}
					if took := time.Since(began); len(got) != 3 || took != 90*time.Second {
						t.Errorf("got %v in %v, want three messages and half a minute", got, took)
					}
					if err := <-left; !errors.Is(err, context.Canceled) {
						t.Errorf("the handler has seen %v, want that its client has left", err)
					}
				})
			})
		}
	}
}

// The limit is for the time in which the loop waits.
func TestTheTimeOfTheLoopIsNotSilence(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, n := start(t, slow(3, func(context.Context) error { return nil })), 0
				for _, err := range stream.Within(t.Context(), 30*time.Second, func(ctx context.Context) msgs { return open(ctx, b.stub) }) {
					if err != nil {
						t.Error(err)
					}
					time.Sleep(time.Hour)
					n++
				}
				if n != 3 {
					t.Errorf("%d messages, want three", n)
				}
			})
		})
	}
}

func TestTheFirstMessageAlone(t *testing.T) {
	t.Parallel()
	hour := func(context.Context) error { time.Sleep(time.Hour); return nil }
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for n, d := range map[int]time.Duration{2: 21 * time.Second, 0: 0, 1: 19 * time.Second} {
					b := start(t, slow(n, hour))
					got, err := collect(stream.FirstWithin(t.Context(), d, func(ctx context.Context) msgs { return open(ctx, b.stub) }))
					if n == 1 {
						wantSilence(t, err, "no first message within 19s")
					} else if len(got) != n || err != nil {
						t.Errorf("got (%v, %v), want %d messages", got, err, n)
					}
				}
			})
		})
	}
}

// Other ends of a call keep their errors.
func TestSilenceHidesNoOtherEnd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		end    func(ctx context.Context) error
		caller func(ctx context.Context) (context.Context, context.CancelFunc)
		want   codes.Code
	}{
		"a failure":       {func(context.Context) error { return errRefused }, context.WithCancel, codes.PermissionDenied},
		"a clean end":     {func(context.Context) error { return nil }, context.WithCancel, codes.OK},
		"an own Canceled": {func(context.Context) error { return context.Canceled }, context.WithCancel, codes.Canceled},
		"a deadline": {untilDone, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Second)
		}, codes.DeadlineExceeded},
		"the caller's end": {untilDone, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(50*time.Second, cancel)
			return ctx, cancel
		}, codes.Canceled},
	}
	for kind, open := range loops {
		for name, test := range tests {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := start(t, slow(1, test.end))
					ctx, cancel := test.caller(t.Context())
					defer cancel()
					got, err := collect(stream.Within(ctx, time.Minute, func(ctx context.Context) msgs { return open(ctx, b.stub) }))
					wantCode(t, err, test.want)
					if len(got) != 1 || err != nil && stream.Resumable(err) {
						t.Errorf("got (%v, %v), want one message and the end of the call", got, err)
					}
				})
			})
		}
	}
}

// Requests that wait for the context that the function was given end with it.
func TestSilenceEndsTheRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, outbox := start(t, squarer), make(chan *msg, 1)
		outbox <- num(3)
		got, err := collect(stream.Within(t.Context(), time.Minute, func(ctx context.Context) msgs {
			return b.stub.StreamrangeSquare(ctx, stream.FromChan(ctx, outbox))
		}))
		wantSilence(t, err, "no message within 1m0s")
		if len(got) != 1 {
			t.Errorf("got %v, want one message", got)
		}
	})
}

// A silent stream is opened again if Within is inside Resume.
func TestASilentStreamIsResumed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, slow(2, untilDone))
		n := 0
		for res, err := range stream.Resume(t.Context(), func(ctx context.Context, _ float64) msgs {
			return stream.Within(ctx, 30*time.Second, func(ctx context.Context) msgs { return b.stub.RangeSquare(ctx, num(1)) })
		}, (*msg).GetMessage, stream.OnResume(func(r stream.Resumption) {
			if wantSilence(t, r.Err, "no message within 30s"); r.Wait != 0 {
				t.Errorf("it waits %v, want none", r.Wait)
			}
		})) {
			if err != nil || res == nil {
				t.Fatal(err)
			}
			if n++; n == 5 {
				break
			}
		}
	})
}

func TestAStreamIsKeptOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		half := make(chan error, 1)
		b := start(t, fake{streams: func(_ context.Context, reqs msgs) msgs {
			return func(yield func(*msg, error) bool) {
				for req, err := range reqs {
					if err != nil {
						half <- err
						return
					}
					time.Sleep(time.Minute) // the answer is later than the request
					if !yield(req, nil) {
						break
					}
				}
				half <- nil
			}
		}})
		n := 0
		for _, err := range stream.Scope(t.Context(), func(ctx context.Context) msgs {
			return b.stub.StreamrangeSquare(ctx, stream.KeepOpen(ctx, stream.Of(num(1), num(2))))
		}) {
			if err != nil {
				t.Error(err)
			}
			if n++; n < 2 {
				continue
			}
			time.Sleep(time.Hour)
			select {
			case err := <-half:
				t.Errorf("the requests have ended (%v)", err)
			default:
			}
			break
		}
		if err := <-half; n != 2 || status.Code(err) != codes.Canceled {
			t.Errorf("%d responses, and the requests end with %v, want Canceled", n, err)
		}
	})
}
