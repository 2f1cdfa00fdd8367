package stream_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

// A silent sequence in this process may react in different ways to the end of
// its context.
func TestHowASilentSequenceEnds(t *testing.T) {
	t.Parallel()
	errOwn := status.Error(codes.Aborted, "aborted")
	tests := map[string]struct {
		end  func(ctx context.Context, yield func(int, error) bool)
		want codes.Code
	}{
		"well":             {func(ctx context.Context, _ func(int, error) bool) { <-ctx.Done() }, codes.DeadlineExceeded},
		"with the context": {func(ctx context.Context, yield func(int, error) bool) { <-ctx.Done(); yield(7, ctx.Err()) }, codes.DeadlineExceeded},
		"with an error around it": {func(ctx context.Context, yield func(int, error) bool) {
			<-ctx.Done()
			yield(0, fmt.Errorf("reading: %w", ctx.Err()))
		}, codes.DeadlineExceeded},
		"with the code": {func(ctx context.Context, yield func(int, error) bool) {
			<-ctx.Done()
			yield(0, status.Error(codes.Canceled, "canceled"))
		}, codes.DeadlineExceeded},
		"with a failure": {func(ctx context.Context, yield func(int, error) bool) { <-ctx.Done(); yield(0, errOwn) }, codes.Aborted},
		"with a message that is late": {func(_ context.Context, yield func(int, error) bool) {
			time.Sleep(time.Hour)
			if yield(2, nil) {
				t.Error("the sequence may go on")
			}
		}, codes.DeadlineExceeded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				over, n, last := false, 0, error(nil)
				for i, err := range stream.Within(t.Context(), time.Minute, func(ctx context.Context) ints {
					return func(yield func(int, error) bool) {
						defer func() { over = true }()
						if !yield(1, nil) {
							return
						}
						test.end(ctx, yield)
						if cause := context.Cause(ctx); status.Code(cause) != codes.DeadlineExceeded {
							t.Errorf("the cause is %v, want what the loop gets", cause)
						}
					}
				}) {
					if n++; n == 1 {
						continue
					}
					if last = err; i != 0 || !over && test.want == codes.DeadlineExceeded {
						t.Errorf("got (%v, %v), want the error alone, behind the sequence", i, err)
					}
				}
				if n != 2 || status.Code(last) != test.want {
					t.Errorf("%d rounds, the last with %v, want one message and %v", n, last, test.want)
				}
			})
		})
	}
}

// An end by the caller stays one, even if the sequence is slow to react.
func TestAnEndBeforeTheSilenceStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Second, cancel)
		_, err := stream.Collect(stream.Within(ctx, time.Minute, func(ctx context.Context) ints {
			return func(yield func(int, error) bool) {
				<-ctx.Done()
				time.Sleep(time.Hour)
				yield(0, ctx.Err())
			}
		}))
		if err != context.Canceled { //nolint:errorlint // it is the same
			t.Errorf("error = %v, want %v", err, context.Canceled)
		}
	})
}

// Of two limits, the one that expires first gives the error.
func TestLimitsInsideOfEachOther(t *testing.T) {
	t.Parallel()
	silent := func(ctx context.Context) ints { return stream.KeepOpen(ctx, stream.Of[int]()) }
	for first, want := range map[time.Duration]string{time.Second: "no first message within 1s", time.Hour: "no message within 1m0s"} {
		synctest.Test(t, func(t *testing.T) {
			for _, seq := range []ints{
				stream.FirstWithin(t.Context(), first, func(ctx context.Context) ints { return stream.Within(ctx, time.Minute, silent) }),
				stream.Within(t.Context(), time.Minute, func(ctx context.Context) ints { return stream.FirstWithin(ctx, first, silent) }),
			} {
				if _, err := stream.Collect(seq); status.Convert(err).Message() != "stream: "+want {
					t.Errorf("error = %v, want %q", err, want)
				}
			}
		})
	}
}

// Nothing is allocated for a message. Not parallel: allocations are counted.
func TestWithinAllocatesNothingForAMessage(t *testing.T) { //nolint:paralleltest // allocations are counted
	allocs := func(n int) float64 {
		return testing.AllocsPerRun(100, func() {
			for _, err := range stream.Within(t.Context(), time.Hour, func(context.Context) ints {
				return stream.From(slices.Values(make([]int, n)))
			}) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	if few, many := allocs(1), allocs(1000); few != many {
		t.Errorf("%v allocations for one message, %v for a thousand", few, many)
	}
}

func ExampleWithin() {
	// A method of a stub, or of an implementation, as here.
	events := func(ctx context.Context) iter.Seq2[string, error] {
		return stream.KeepOpen(ctx, stream.Of("one", "two")) // and then silence
	}
	for event, err := range stream.Within(context.Background(), 10*time.Millisecond, events) {
		if err != nil {
			fmt.Println(err)
			fmt.Println("may be opened again:", stream.Resumable(err))
			break
		}
		fmt.Println(event)
	}
	// Output:
	// one
	// two
	// rpc error: code = DeadlineExceeded desc = stream: no message within 10ms
	// may be opened again: true
}

func ExampleFirstWithin() {
	// This server does not answer.
	events := func(ctx context.Context) iter.Seq2[string, error] {
		return stream.KeepOpen(ctx, stream.Of[string]())
	}
	_, err := stream.Collect(stream.FirstWithin(context.Background(), 10*time.Millisecond, events))
	fmt.Println(err)
	// Output: rpc error: code = DeadlineExceeded desc = stream: no first message within 10ms
}
