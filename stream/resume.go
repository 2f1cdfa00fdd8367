package stream

import (
	"context"
	"iter"
	"time"

	"github.com/gohostrpc/gohost/internal/pushback"
)

// Resume returns a sequence of messages that outlives the calls it comes from.
// Ranging it opens a call with open and yields its messages. When the call
// breaks, it is opened again, after the position of the last message that the
// consumer has taken:
//
//	events := stream.Resume(ctx, func(ctx context.Context, after string) iter.Seq2[*pb.Event, error] {
//		return feed.Sub(ctx, &pb.SubRequest{After: after})
//	}, (*pb.Event).GetId)
//	for event, err := range events {
//		…
//	}
//
// A message is taken when the loop asks for the next one. Its position is asked
// for before the loop gets it, so that the loop may change it. The first call
// is opened after the zero value of P. The context that open is given ends with
// the call, and before it, as that of [Scope] does: whatever open calls, and its
// requests, must use that one. open may return what any method of a stub
// or of an implementation in this process returns.
//
// An error for which [Resumable] is true opens the stream again, unless
// [ResumeIf] decides otherwise. Any other error is the one at the end, and a
// clean end ends the sequence. When ctx ends, the error has the status of ctx,
// and names what had broken last. [ResumeAttempts] sets a limit. A server that
// forbids another try, by gRPC's pushback, is obeyed.
//
// A call is opened again at once if it had brought messages, and had been open
// for longer than the first delay of the backoff. Otherwise Resume waits, as
// gRPC does between two connections: by [ResumeBackoff], with jitter, counted
// from when the call was opened. A message sets the backoff back, and so does a
// call that was open for its longest delay. A server says by pushback or by
// a [google.rpc.RetryInfo] how long to wait: no less than that is waited, and
// after a call with messages no more either.
//
// Leaving the loop ends all of it before the statement after the loop. Resume
// starts no goroutine, and buffers nothing: it may be used with
// [ReuseMessages], if positions keep no memory of a message. Ranging again
// begins anew, at the zero position.
//
// What Resume cannot do: see each message exactly once where the server does not
// honour the positions. Nor can it see that a server is frozen, since such a one
// sends no error. Three things belong around it: [Within] or the keepalive of
// the connection ([google.golang.org/grpc/keepalive.ClientParameters]) for
// servers and networks that fall silent, [google.golang.org/grpc.WaitForReady]
// for the stub, so that a call waits for a connection instead of failing, and a
// server that says OutOfRange about a position that it no longer has, which ends
// the sequence.
//
// [google.rpc.RetryInfo]: https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
func Resume[T, P any](ctx context.Context, open func(ctx context.Context, after P) iter.Seq2[T, error], position func(msg T) P, opts ...ResumeOption) iter.Seq2[T, error] {
	r := newResumer(opts)
	return func(yield func(T, error) bool) {
		var none T
		var at P
		for tries := 0; ; {
			t := try{opened: time.Now()}
			for msg, err := range openTry(ctx, open, at) {
				if err != nil {
					t.err = err
					break
				}
				next := position(msg)
				if !yield(msg, nil) {
					return
				}
				at, t.progress = next, true
			}
			tries++
			if r.fresh(t) {
				tries = 0
			}
			if again, err := r.next(ctx, t, tries); !again {
				if err != nil {
					yield(none, err)
				}
				return
			}
		}
	}
}

// openTry is the sequence of one try.
func openTry[T, P any](ctx context.Context, open func(context.Context, P) iter.Seq2[T, error], at P) iter.Seq2[T, error] {
	return scoped(pushback.NewContext(ctx), "Resume", func(ctx context.Context) iter.Seq2[T, error] { return open(ctx, at) })
}

// try is one call of a [Resume], when it has ended.
type try struct {
	opened   time.Time
	err      error // nil where it ended well
	progress bool  // the consumer has taken a message of it
}

// failing returns a sequence of nothing but err.
func failing[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}
