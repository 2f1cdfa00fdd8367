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

// Within returns the sequence that f returns for a context that ends with the ranging,
// like that of [Scope]. The context also ends when the loop has waited longer than d
// for a message. The sequence then ends with DeadlineExceeded, and a text that says
// so. Within is for streams that must not fall silent. A deadline, in contrast, limits
// the whole stream.
//
//	for event, err := range stream.Within(ctx, 30*time.Second, func(ctx context.Context) iter.Seq2[*pb.Event, error] {
//		return feed.Sub(ctx, req)
//	}) {
//		…
//	}
//
// Only the time in which the loop waits counts, not the time in its body. The first
// wait includes opening the call, and the last one is for the end of the stream.
// A message that comes later than d is dropped.
//
// The error has the detail [google.rpc.RetryInfo] with a delay of zero. So [Resume] opens
// the stream again, if Within is in the function that opens it. Any other failure of
// the call is unchanged, and so is the end of ctx. The error is also the
// [context.Cause] of the context that f is given.
//
// Only the context can wake code that waits. A sequence that ignores the context of f
// ends at its next message. The sequences of the stubs end immediately.
//
// If d is zero or less, there is no limit, as with the timeouts of net/http.
// Each ranging calls f. A nil sequence is the error Internal. Within starts no
// goroutine, allocates nothing for a message, and may be used with
// [ReuseMessages].
//
// [google.rpc.RetryInfo]: https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
func Within[T any](ctx context.Context, d time.Duration, f func(ctx context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return within(ctx, patience{function: "Within", what: "message", d: d}, f)
}

// FirstWithin is [Within] for only the first message. The others, and the end of a
// sequence that has had a message, may take any time. It is for streams whose server
// first confirms that it is there, and then is silent until something happens. One may
// be inside of the other:
//
//	stream.FirstWithin(ctx, 5*time.Second, func(ctx context.Context) iter.Seq2[*pb.Event, error] {
//		return stream.Within(ctx, time.Minute, func(ctx context.Context) iter.Seq2[*pb.Event, error] {
//			return feed.Sub(ctx, req)
//		})
//	})
func FirstWithin[T any](ctx context.Context, d time.Duration, f func(ctx context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return within(ctx, patience{function: "FirstWithin", what: "first message", d: d, first: true}, f)
}

// patience says how long to wait, and for what.
type patience struct {
	function string // the name of the function with the limit
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
		// expired ends a wait. It returns true if that was too long, and the context
		// had no other end before.
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
			ended = silence // the sequence has mistaken it for a clean end
		}
		if ended != nil { // the call is over before the loop sees this
			var none T
			yield(none, ended)
		}
	}
}

// isCanceled reports whether err, which has ended a call, only says that its context
// has been canceled.
func isCanceled(err error) bool {
	return status.Code(err) == codes.Canceled || errors.Is(err, context.Canceled)
}
