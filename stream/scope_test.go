package stream_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
)

// scopes are the functions that pass their function a context of the ranging.
var scopes = map[string]func(context.Context, func(context.Context) ints) ints{
	"Scope":           stream.Scope[int],
	"Within":          limit(stream.Within[int], time.Hour),
	"Within no time":  limit(stream.Within[int], 0),
	"FirstWithin":     limit(stream.FirstWithin[int], time.Hour),
	"FirstWithin < 0": limit(stream.FirstWithin[int], -1),
}

func limit(within func(context.Context, time.Duration, func(context.Context) ints) ints, d time.Duration) func(context.Context, func(context.Context) ints) ints {
	return func(ctx context.Context, f func(context.Context) ints) ints { return within(ctx, d, f) }
}

// However the ranging ends, the context ends too, before the sequence notices.
func TestScopeEndsItsContextFirst(t *testing.T) {
	t.Parallel()
	ways := map[string]func(iter.Seq2[int, error]){
		"break": func(seq iter.Seq2[int, error]) {
			for _, err := range seq {
				_ = err
				break
			}
		},
		"panic": func(seq iter.Seq2[int, error]) {
			defer func() { _ = recover() }()
			for _, err := range seq {
				_ = err
				panic("left")
			}
		},
		"Goexit": func(seq iter.Seq2[int, error]) {
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
	for name, leave := range ways {
		for function, scope := range scopes {
			t.Run(name+"/"+function, func(t *testing.T) {
				t.Parallel()
				told := false
				leave(scope(t.Context(), func(ctx context.Context) iter.Seq2[int, error] {
					return func(yield func(int, error) bool) {
						defer func() {
							told = true
							if ctx.Err() == nil {
								t.Error("the sequence ends before the context")
							}
						}()
						if ctx.Err() != nil {
							t.Error("the context has ended before the loop")
						}
						yield(1, nil)
					}
				}))
				if !told {
					t.Error("the sequence was not ranged")
				}
			})
		}
	}
}

func TestScopeEndsWithTheSequence(t *testing.T) {
	t.Parallel()
	for function, scope := range scopes {
		var scoped context.Context
		calls := 0
		seq := scope(t.Context(), func(ctx context.Context) iter.Seq2[int, error] {
			scoped = ctx
			calls++
			return stream.Of(1, 2, 3)
		})
		for range 2 {
			if got, err := stream.Collect(seq); len(got) != 3 || err != nil {
				t.Errorf("%s: got (%v, %v), want three", function, got, err)
			}
			if scoped.Err() == nil {
				t.Errorf("%s: the context continues after the sequence", function)
			}
		}
		if calls != 2 {
			t.Errorf("%s: the function was called %d times, want once per ranging", function, calls)
		}
		_, err := stream.Collect(scope(t.Context(), func(context.Context) iter.Seq2[int, error] { return nil }))
		if name, _, _ := strings.Cut(function, " "); status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "given to "+name+" ") {
			t.Errorf("%s: error = %v, want Internal", function, err)
		}
	}
}

func TestScopeResultEndsItsContext(t *testing.T) {
	t.Parallel()
	var scope context.Context
	got, err := stream.ScopeResult(t.Context(), func(ctx context.Context) (int, error) {
		scope = ctx
		return 1, errors.Join(ctx.Err(), errSource)
	})
	if got != 1 || !errors.Is(err, errSource) || errors.Is(err, context.Canceled) {
		t.Errorf("got (%v, %v), want what the function returned", got, err)
	}
	if scope.Err() == nil {
		t.Error("the context continues after the function")
	}
}

// The requests of this call come from a channel: leaving the loop ends the wait
// for the channel.
func ExampleScope() {
	// A bidirectional method of a stub, or of an implementation, as here.
	echo := func(_ context.Context, reqs iter.Seq2[string, error]) iter.Seq2[string, error] { return reqs }

	outbox := make(chan string, 1)
	outbox <- "hello"
	for res, err := range stream.Scope(context.Background(), func(ctx context.Context) iter.Seq2[string, error] {
		return echo(ctx, stream.FromChan(ctx, outbox))
	}) {
		fmt.Println(res, err)
		break
	}
	// Output: hello <nil>
}

func ExampleScopeResult() {
	// A client-streaming method of a stub, or of an implementation, as here.
	count := func(_ context.Context, reqs iter.Seq2[string, error]) (int, error) {
		for _, err := range reqs {
			return 1, err // answers before it has all requests
		}
		return 0, nil
	}

	outbox := make(chan string, 1)
	outbox <- "hello"
	n, err := stream.ScopeResult(context.Background(), func(ctx context.Context) (int, error) {
		return count(ctx, stream.FromChan(ctx, outbox))
	})
	fmt.Println(n, err)
	// Output: 1 <nil>
}
