package stream

import (
	"context"
	"iter"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Scope returns the sequence that f returns for a context that ends with the ranging:
// when the sequence ends, and when the loop is left by break, return, a panic or
// runtime.Goexit. The context is derived from ctx, and ends before the call of the
// sequence does.
//
// Scope is for calls whose requests wait for something, such as a channel or a
// [Topic]. When the call ends, only a context can wake code that waits for a channel:
//
//	for res, err := range stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*pb.Event, error] {
//		return chat.Chat(ctx, stream.FromChan(ctx, outbox))
//	}) {
//		…
//	}
//
// Without Scope, leaving the loop would leave a goroutine behind. It would wait for
// outbox until the outer ctx ends, and take the next message from it, which would be
// lost.
//
// Scope does not wait for the requests to return. A message that they have taken when
// the call ends is lost, since nobody can tell whether the server has read it. If no
// message may be lost, give messages positions, and let the server say which ones it
// has.
//
// Each ranging calls f. A nil sequence is the error Internal.
func Scope[T any](ctx context.Context, f func(ctx context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return scoped(ctx, "Scope", f)
}

// scoped is Scope for the function called name.
func scoped[T any](ctx context.Context, name string, f func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		untilLeft(called(ctx, name, f), cancel, yield)
	}
}

// called returns the sequence that f returns. f was passed to the function
// called name.
func called[T any](ctx context.Context, name string, f func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	if seq := f(ctx); seq != nil {
		return seq
	}
	return failing[T](status.Error(codes.Internal, "stream: the function given to "+name+" returned a nil sequence"))
}

// untilLeft ranges seq. If yield returns false, untilLeft calls cancel before
// seq learns of it.
func untilLeft[T any](seq iter.Seq2[T, error], cancel func(), yield func(T, error) bool) {
	seq(func(msg T, err error) bool {
		goOn := false
		defer func() {
			if !goOn { // also by a panic or Goexit of the loop
				cancel()
			}
		}()
		goOn = yield(msg, err)
		return goOn
	})
}

// ScopeResult returns what f returns for a context that ends when f has returned. It
// is [Scope] for a call with one response:
//
//	res, err := stream.ScopeResult(ctx, func(ctx context.Context) (*pb.Summary, error) {
//		return service.Upload(ctx, stream.FromChan(ctx, chunks))
//	})
func ScopeResult[T any](ctx context.Context, f func(ctx context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return f(ctx)
}
