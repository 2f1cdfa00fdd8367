package stream

import (
	"context"
	"iter"
	"time"

	"github.com/gohostrpc/gohost/internal/pushback"
)

// Resume returns a sequence of messages that outlives its calls. Ranging it opens a
// call with open and yields its messages. When the call breaks, it is opened again,
// after the position of the last message that the consumer has taken:
//
//	events := stream.Resume(ctx, func(ctx context.Context, after string) iter.Seq2[*pb.Event, error] {
//		return feed.Sub(ctx, &pb.SubRequest{After: after})
//	}, (*pb.Event).GetId)
//	for event, err := range events {
//		…
//	}
//
// A message is taken when the loop asks for the next one. Its position is read before
// the loop gets the message, so the loop may change it. The first call is opened after
// the zero value of P. The context that open is given ends just before the call does,
// like that of [Scope]. Whatever open calls, and its requests, must use that context.
// open may return what any method of a stub or of an implementation in this process
// returns.
//
// The stream is opened again after an error for which [Resumable] is true, unless
// [ResumeIf] changes this rule. Any other error ends the sequence, and so does a
// clean end. When ctx ends, the error has the status of ctx, and names the last
// failure. By default only ctx limits the number of calls, and [ResumeAttempts] sets a
// limit. If a server forbids another try, by pushback, Resume obeys. Pushback is gRPC's
// metadata grpc-retry-pushback-ms ([gRFC A6]).
//
// A call is opened again immediately if it had brought messages and had been open for
// longer than the first delay of the backoff. Otherwise Resume waits, like gRPC
// between two connections: by [ResumeBackoff], with jitter, counted from when the call
// was opened. A message resets the backoff, and so does a call that was open for the
// longest delay. If a server says with pushback or with a [google.rpc.RetryInfo] how long
// to wait, Resume waits at least that long, and after a call with messages no longer.
//
// Leaving the loop ends everything before the statement after the loop. Resume starts
// no goroutine, and buffers nothing. It may be used with [ReuseMessages], if positions
// keep no memory of a message. Ranging again starts at the zero position.
//
// If the server does not honour the positions, Resume cannot see each message exactly
// once. Nor can it detect that a server is frozen, since a frozen server sends no
// error. So it should be combined with three things:
//
//   - [Within], or the keepalive of the connection
//     ([google.golang.org/grpc/keepalive.ClientParameters]), for servers and networks
//     that fall silent;
//   - [google.golang.org/grpc.WaitForReady] for the stub, so that a call waits for a
//     connection instead of failing;
//   - a server that answers OutOfRange to a position that it no longer has, which ends
//     the sequence.
//
// [gRFC A6]: https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback
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
	err      error // nil if it ended well
	progress bool  // the consumer has taken a message of it
}

// failing returns a sequence that only yields err.
func failing[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}
