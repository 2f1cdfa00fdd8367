package stream

import (
	"context"
	"errors"
	"iter"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/private"
)

// Within returns the sequence that f returns for a context which ends with the
// ranging, as that of [Scope] does, and which ends as well when the loop has
// waited longer than d for a message. The sequence then ends with
// DeadlineExceeded, and a text that says so. It is for streams that must not
// fall silent: a deadline is one for the whole stream.
//
//	for event, err := range stream.Within(ctx, 30*time.Second, func(ctx context.Context) iter.Seq2[*pb.Event, error] {
//		return feed.Sub(ctx, req)
//	}) {
//		…
//	}
//
// Only the time in which the loop waits counts, not that in its body. The first
// wait includes opening the call, and the last one is for the end of the stream.
// A message that comes later than d is dropped.
//
// The error has the detail google.rpc.RetryInfo with a delay of zero, by which
// [Resume] opens the stream again, if Within is inside of it: in the function
// that opens. Another failure of the call stays what it is, and so does the end
// of ctx. [context.Cause] of the context that f is given is the error, too.
//
// Nothing can wake code that waits for something other than its context: a
// sequence that ignores the context of f ends at its next message. Those of the
// stubs end at once.
//
// Where d is zero or less there is no limit, as with the timeouts of net/http.
// Each ranging calls f. A nil sequence is the error Internal. Within starts no
// goroutine, allocates nothing for a message, and may be used with
// [ReuseMessages].
func Within[T any](ctx context.Context, d time.Duration, f func(ctx context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return within(ctx, patience{function: "Within", what: "message", d: d}, f)
}

// FirstWithin is [Within] for the first message alone: the others, and the end
// of a sequence that has had a message, may take as long as they like. It is for
// streams whose server answers immediately that it is there, and then is silent
// until something happens. One may be inside of the other:
//
//	stream.FirstWithin(ctx, 5*time.Second, func(ctx context.Context) iter.Seq2[*pb.Event, error] {
//		return stream.Within(ctx, time.Minute, func(ctx context.Context) iter.Seq2[*pb.Event, error] {
//			return feed.Sub(ctx, req)
//		})
//	})
func FirstWithin[T any](ctx context.Context, d time.Duration, f func(ctx context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return within(ctx, patience{function: "FirstWithin", what: "first message", d: d, first: true}, f)
}

// patience says how long to wait for what.
type patience struct {
	function string // that it was given to
	what     string
	d        time.Duration
	first    bool // there is no limit after the first
}

func within[T any](ctx context.Context, p patience, f func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	if p.d <= 0 {
		return scoped(ctx, p.function, f)
	}
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		silence := &silenceError{what: p.what, d: p.d}
		timer := time.AfterFunc(p.d, func() { cancel(silence) })
		defer timer.Stop()
		waiting := true // the timer runs
		// expired ends a wait. It returns true where that was too long, and no
		// other end of the context was before it.
		expired := func() bool {
			late := waiting && !timer.Stop()
			waiting = false
			if late {
				cancel(silence)
			}
			return late && context.Cause(ctx) == error(silence) //nolint:errorlint // it is not wrapped
		}
		var ended error
		untilLeft(called(ctx, p.function, f), func() { cancel(nil) }, func(msg T, err error) bool {
			if expired() && (err == nil || isCanceled(err)) {
				ended = private.WithHostOf(err, silence)
				return false
			}
			goOn := yield(msg, err)
			if goOn && err == nil && !p.first {
				waiting = true
				timer.Reset(p.d)
			}
			return goOn
		})
		if ended == nil && expired() {
			ended = silence // and the sequence has taken that for a clean end
		}
		if ended != nil { // the call is over before it is seen
			var none T
			yield(none, ended)
		}
	}
}

// isCanceled tells whether err, which has ended a call, says no more than that
// its context has been canceled.
func isCanceled(err error) bool {
	return status.Code(err) == codes.Canceled || errors.Is(err, context.Canceled)
}
