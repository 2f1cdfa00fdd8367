package stub_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestReceivedMessagesAreFresh(t *testing.T) {
	t.Parallel()
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(count(5)))
				checkKept(t, open(t.Context(), b.stub), 5)
			})
		})
	}
	for kind, handle := range handlers {
		t.Run("requests/"+kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, handle(func(_ context.Context, reqs msgs) (*msg, error) {
					checkKept(t, reqs, 5)
					return num(1), nil
				}))
				if err := senders[kind](t.Context(), b.stub, count(5)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// checkKept keeps the messages 1, 2, … n of seq, and checks them when all are there.
func checkKept(t *testing.T, seq msgs, n int) {
	t.Helper()
	var kept []*msg
	for m, err := range seq {
		if err != nil {
			t.Error(err)
			return
		}
		kept = append(kept, m)
	}
	if len(kept) != n {
		t.Errorf("%d messages, want %d", len(kept), n)
	}
	for i, m := range kept {
		if m.GetMessage() != float64(i+1) {
			t.Errorf("message %d = %v, want %d", i, m.GetMessage(), i+1)
		}
	}
}

func TestReusedMessagesAreOneAndAskedFor(t *testing.T) {
	t.Parallel()
	// one reports whether all of seq was received into one message.
	one := func(t *testing.T, seq msgs) bool {
		t.Helper()
		seen, n := make(map[*msg]bool), 0.0
		for m, err := range seq {
			if n++; err != nil || m.GetMessage() != n {
				t.Errorf("got (%v, %v), want %v", m, err, n)
			}
			seen[m] = true
		}
		return n == 5 && len(seen) == 1
	}
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, responding(count(5)))
				if !one(t, open(t.Context(), b.stub.With(stream.ReuseMessages()))) {
					t.Error("ReuseMessages: the messages are not one")
				}
			})
		})
	}
	for kind, handle := range handlers {
		t.Run("requests/"+kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				impl := handle(func(_ context.Context, reqs msgs) (*msg, error) {
					if !one(t, reqs) {
						t.Error("ReuseRequests: the messages are not one")
					}
					return num(1), nil
				})
				b := start(t, nil, options{register: func(r grpc.ServiceRegistrar) {
					squares.RegisterSquareService(stream.ReuseRequests(r), impl)
				}})
				if err := senders[kind](t.Context(), b.stub, count(5)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A producer sends one message again and again, and changes it in between.
func TestASentMessageIsNotTouchedAfterYield(t *testing.T) {
	t.Parallel()
	for kind, handle := range handlers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := start(t, handle(func(_ context.Context, reqs msgs) (*msg, error) {
				checkKept(t, reqs, 1000)
				return num(1), nil
			}))
			err := senders[kind](t.Context(), b.stub, func(yield func(*msg, error) bool) {
				m := new(msg)
				for m.Message = 1; m.Message <= 1000 && yield(m, nil); m.Message++ {
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for kind, open := range loops {
		t.Run("responses/"+kind, func(t *testing.T) {
			t.Parallel()
			b := start(t, responding(func(yield func(*msg, error) bool) {
				m := new(msg)
				for m.Message = 1; m.Message <= 1000 && yield(m, nil); m.Message++ {
				}
			}))
			checkKept(t, open(t.Context(), b.stub), 1000)
		})
	}
}
