package stream_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

// drain receives until C is closed.
func drain(c *stream.Chan[int]) (got []int) {
	for i := range c.C {
		got = append(got, i)
	}
	return got
}

// parked is a sequence that waits until free is closed, whatever else happens.
func parked(free <-chan struct{}) ints {
	return func(func(int, error) bool) { <-free }
}

func TestAChanHasTheSequence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		seq  ints
		want int
		err  error
	}{
		"messages": {stream.Of(1, 2, 3), 3, nil},
		"nothing":  {stream.Of[int](), 0, nil},
		"an error": {failing, 2, errSource},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := stream.ToChan(t.Context(), test.seq)
				if err := c.Err(); err != nil {
					t.Errorf("Err before the end = %v, want nil", err)
				}
				got := drain(c)
				for range 2 {
					if err := c.Err(); len(got) != test.want || err != test.err { //nolint:errorlint // it is the same
						t.Errorf("got (%v, %v), want %d messages and %v", got, err, test.want, test.err)
					}
					c.Stop() // changes nothing
				}
				for i, m := range got {
					if m != i+1 {
						t.Errorf("got %v, want them in order", got)
					}
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		c := stream.ToChan[int](t.Context(), nil)
		if got := drain(c); len(got) != 0 || status.Code(c.Err()) != codes.Internal {
			t.Errorf("a nil sequence: (%v, %v), want Internal", got, c.Err())
		}
	})
}

// The sequence keeps nothing in reserve: it continues when a message has been
// taken.
func TestAChanTakesOneMessageAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		yielded := 0
		c := stream.ToChan(t.Context(), func(yield func(int, error) bool) {
			for yielded++; yield(yielded, nil); yielded++ {
			}
		})
		for want := range 10 {
			synctest.Wait()
			if yielded != want+1 {
				t.Errorf("the sequence is at %d, want %d", yielded, want+1)
			}
			<-c.C
		}
		if c.Stop(); c.Err() != stream.ErrLeft { //nolint:errorlint // it is the same
			t.Errorf("Err = %v, want ErrLeft", c.Err())
		}
	})
}

// Stop returns when a sequence that is handling a message has ended, and does
// not wait for one that waits for a message.
func TestStopEndsAChan(t *testing.T) {
	t.Parallel()
	left := func(t *testing.T, c *stream.Chan[int]) {
		t.Helper()
		began := time.Now()
		c.Stop()
		c.Stop()
		if took := time.Since(began); took != 0 {
			t.Errorf("Stop took %v", took)
		}
		if got := drain(c); len(got) != 0 || c.Err() != stream.ErrLeft { //nolint:errorlint // it is the same
			t.Errorf("behind Stop: (%v, %v), want ErrLeft", got, c.Err())
		}
	}
	synctest.Test(t, func(t *testing.T) {
		ended := false
		c := stream.ToChan(t.Context(), func(yield func(int, error) bool) {
			defer func() { ended = true }()
			if yield(1, nil) {
				t.Error("the sequence may go on")
			}
		})
		synctest.Wait()
		if left(t, c); !ended {
			t.Error("Stop returns before the sequence has")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		c := stream.ToChan(t.Context(), func(yield func(int, error) bool) {
			<-free
			if yield(1, nil) {
				t.Error("the sequence may go on")
			}
		})
		synctest.Wait()
		left(t, c)
		close(free) // otherwise a goroutine is left in the bubble
	})
}

// A sequence that does not return delays Stop by at most a second, and C not at all.
func TestASequenceThatGoesOnHoldsNobody(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*stream.Chan[int], context.CancelFunc){
		"Stop":    func(c *stream.Chan[int], _ context.CancelFunc) { go c.Stop() },
		"context": func(_ *stream.Chan[int], cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				free := make(chan struct{})
				c := stream.ToChan(ctx, func(yield func(int, error) bool) {
					yield(1, nil)
					<-free
				})
				synctest.Wait()
				end(c, cancel)
				synctest.Wait()
				began := time.Now()
				if got := drain(c); len(got) != 0 || time.Since(began) != 0 {
					t.Errorf("got %v after %v, want that C is closed", got, time.Since(began))
				}
				c.Stop()
				if took := time.Since(began); took != time.Second {
					t.Errorf("Stop took %v, want a second", took)
				}
				close(free)
			})
		})
	}
}

// The context closes C even if the sequence ignores it. The sequence's own
// error at the end takes precedence.
func TestTheContextEndsAChan(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		seq  func(ctx context.Context, free <-chan struct{}) ints
		want error
		took time.Duration
	}{
		"which waits, and ignores it": {func(_ context.Context, free <-chan struct{}) ints { return parked(free) }, context.DeadlineExceeded, 50 * time.Millisecond},
		"which ends with it": {func(ctx context.Context, _ <-chan struct{}) ints {
			return func(yield func(int, error) bool) { <-ctx.Done(); time.Sleep(time.Millisecond); yield(0, errSource) }
		}, errSource, time.Millisecond},
		"which is at a message": {func(context.Context, <-chan struct{}) ints { return stream.Of(1) }, context.DeadlineExceeded, 0},
		"which comes with a message": {func(ctx context.Context, _ <-chan struct{}) ints {
			return func(yield func(int, error) bool) { <-ctx.Done(); yield(1, nil) }
		}, context.DeadlineExceeded, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for range 20 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					free := make(chan struct{})
					c := stream.ToChan(ctx, test.seq(ctx, free))
					time.Sleep(time.Minute)
					synctest.Wait()
					began := time.Now()
					if got := drain(c); len(got) != 0 || c.Err() != test.want { //nolint:errorlint // it is the same
						t.Errorf("got (%v, %v), want %v", got, c.Err(), test.want)
					}
					if took := time.Since(began); took != test.took {
						t.Errorf("C is closed after %v, want %v", took, test.took)
					}
					close(free)
					c.Stop()
					cancel()
				}
			})
		})
	}
}

// A message that comes after the end of the context is not delivered, even if a
// receiver waits for it.
func TestAChanLooksAtItsContextFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			c := stream.ToChan(ctx, func(yield func(int, error) bool) {
				<-ctx.Done()
				yield(1, nil)
			})
			if got := drain(c); len(got) != 0 || c.Err() != context.DeadlineExceeded { //nolint:errorlint // it is the same
				t.Fatalf("got (%v, %v), want the end of the context", got, c.Err())
			}
			c.Stop()
			cancel()
		}
	})
}

// A panic of the sequence continues once, in Err or Stop.
func TestAPanicOfTheSequenceGoesOnOnce(t *testing.T) {
	t.Parallel()
	broken := func(yield func(int, error) bool) { defer panic("broken"); yield(1, nil) }
	asks := map[string]func(*stream.Chan[int]){
		"Err": func(c *stream.Chan[int]) {
			drain(c)
			_ = c.Err()
		},
		"Stop": func(c *stream.Chan[int]) {
			drain(c)
			c.Stop()
		},
		"Stop, while it is at a message": func(c *stream.Chan[int]) {
			synctest.Wait()
			c.Stop()
		},
	}
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := stream.ToChan(t.Context(), broken)
				defer c.Stop()
				defer func() {
					if r := recover(); r != "broken" {
						t.Errorf("recovered %v, want the panic of the sequence", r)
					}
					if err := c.Err(); err == nil || name != "Stop, while it is at a message" && status.Code(err) != codes.Internal {
						t.Errorf("Err = %v, want Internal", err)
					}
				}()
				ask(c)
				t.Error("no panic")
			})
		})
	}
}

func TestAGoexitOfTheSequenceGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stream.ToChan(t.Context(), func(func(int, error) bool) { runtime.Goexit() })
		returned, done := false, make(chan struct{})
		go func() {
			defer close(done)
			drain(c)
			_ = c.Err()
			returned = true
		}()
		if <-done; returned {
			t.Error("Err has returned")
		}
	})
}

// This handler waits for requests and for a clock.
func ExampleToChan() {
	handler := func(ctx context.Context, reqs iter.Seq2[string, error]) iter.Seq2[string, error] {
		return stream.Generate(func(send func(string) error) error {
			requests := stream.ToChan(ctx, reqs)
			defer requests.Stop()
			tick := time.NewTicker(time.Hour)
			defer tick.Stop()
			for {
				var err error
				select {
				case req, ok := <-requests.C:
					if !ok {
						return requests.Err() // nil after the half-close
					}
					err = send("you said " + req)
				case <-tick.C:
					err = send("still there?")
				}
				if err != nil {
					return err
				}
			}
		})
	}
	for res, err := range handler(context.Background(), stream.Of("hello", "goodbye")) {
		fmt.Println(res, err)
	}
	// Output:
	// you said hello <nil>
	// you said goodbye <nil>
}
