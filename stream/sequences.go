package stream

import (
	"context"
	"errors"
	"io"
	"iter"
)

// Of returns a sequence of msgs. It does not copy them: a slice that is passed as msgs...
// must not be changed while the sequence is ranged.
func Of[T any](msgs ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, msg := range msgs {
			if !yield(msg, nil) {
				return
			}
		}
	}
}

// From returns a sequence of the values of seq. It cannot fail.
func From[T any](seq iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for msg := range seq {
			if !yield(msg, nil) {
				return
			}
		}
	}
}

// FromChan returns a sequence of what is received from ch. It ends when ch is
// closed, and with ctx.Err() when ctx ends. Leaving the sequence does not change ch, so
// a sender must watch ctx as well.
//
// As the requests of a call, the sequence needs a context that ends with the call: see
// [Scope]. Otherwise it keeps waiting after the call has ended, and takes the next
// message from ch.
func FromChan[T any](ctx context.Context, ch <-chan T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			// If both are ready, select takes either.
			if err := ctx.Err(); err != nil {
				var none T
				yield(none, err)
				return
			}
			select {
			case <-ctx.Done():
			case msg, ok := <-ch:
				if !ok || !yield(msg, nil) {
					return
				}
			}
		}
	}
}

// KeepOpen returns a sequence of the messages of seq that then stays open. It ends when
// seq fails, and, after the end of seq, with ctx.Err() when ctx ends.
//
// It is for bidirectional methods whose server treats the half-close, the end of the
// requests, as the end of the stream. With [Of] alone such a call ends when the server
// has answered the requests, or before. Examples are etcd's LeaseKeepAlive and gNMI's
// subscriptions. Other servers, such as etcd's Watch, continue after the half-close and
// do not need it.
//
//	for res, err := range stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*pb.Event, error] {
//		return service.Watch(ctx, stream.KeepOpen(ctx, stream.Of(req)))
//	}) {
//		…
//	}
//
// As the requests of a call it needs a context that ends with the call, like those of
// FromChan: see [Scope].
func KeepOpen[T any](ctx context.Context, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for msg, err := range seq {
			if !yield(msg, err) || err != nil {
				return
			}
		}
		<-ctx.Done()
		var none T
		yield(none, ctx.Err())
	}
}

// ErrLeft is returned by the send function of [Generate] when the sequence has
// been left, by the Err of a [Chan] that was stopped, and by the recv function of
// [ToRecv] after stop.
var ErrLeft = errors.New("stream: the sequence was left")

// Generate returns a sequence of what f sends. It is for code in which checking
// yield's result is inconvenient:
//
//	stream.Generate(func(send func(*pb.Chunk) error) error {
//		…
//		if err := send(chunk); err != nil {
//			return err
//		}
//		…
//	})
//
// An error of f ends the sequence. Once the sequence has been left, send returns
// [ErrLeft], and the result of f is dropped, since nobody would see it. send must not
// be called by two goroutines concurrently, nor after f has returned. Ranging the
// sequence again calls f again.
func Generate[T any](f func(send func(msg T) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := false
		err := f(func(msg T) error {
			left = left || !yield(msg, nil)
			if left {
				return ErrLeft
			}
			return nil
		})
		if err != nil && !left {
			var none T
			yield(none, err)
		}
	}
}

// FromRecv returns the sequence of what recv returns. io.EOF ends it, and any other
// error is its last element. It is for the streams of protoc-gen-go-grpc, on both
// sides:
//
//	for book, err := range stream.FromRecv(call.Recv) {
//		…
//	}
//
// Leaving the loop does not end the call. Ranging the sequence again calls recv again,
// so the loop continues where it was left. On a client the sequence needs the same as
// Recv: a context that is canceled, or a loop to the end. Two goroutines must not range
// the sequence concurrently.
func FromRecv[T any](recv func() (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			msg, err := recv()
			if err == io.EOF {
				return
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			if !yield(msg, nil) {
				return
			}
		}
	}
}

// ToRecv returns a function that returns the messages of seq one at a time, like Recv of
// a stream of protoc-gen-go-grpc: io.EOF at the end, or the error of seq, and then the
// same each time. It is [iter.Pull2] for code that expects Recv:
//
//	recv, stop := stream.ToRecv(service.List(ctx, req))
//	defer stop()
//	book, err := recv()
//
// The first recv starts to range seq, so it is what opens the call of a stub. stop leaves
// seq, which ends the call; after it recv returns [ErrLeft]. Without stop, or a recv that
// has returned an error, the call stays open. recv and stop must not be called by two
// goroutines concurrently.
func ToRecv[T any](seq iter.Seq2[T, error]) (recv func() (T, error), stop func()) {
	next, leave := iter.Pull2(seq)
	var ended error
	end := func(err error) {
		if ended == nil {
			ended = err
		}
		leave()
	}
	recv = func() (T, error) {
		var none T
		if ended != nil {
			return none, ended
		}
		msg, err, ok := next()
		if !ok {
			err = io.EOF
		}
		if err != nil {
			end(err)
			return none, err
		}
		return msg, nil
	}
	return recv, func() { end(ErrLeft) }
}

// Collect ranges seq and returns its messages, nil if there are none. If the sequence
// ends with an error, it returns that error, unchanged, and the messages before it. Do
// not use it with [ReuseMessages] or [ReuseRequests].
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var msgs []T
	for msg, err := range seq {
		if err != nil {
			return msgs, err
		}
		msgs = append(msgs, msg)
	}
	return msgs, nil
}

// Map returns the sequence of the results of f for each message of seq. An error of seq
// or of f ends it, unchanged. f is called while the sequence is ranged, one message at a
// time.
func Map[T, U any](seq iter.Seq2[T, error], f func(T) (U, error)) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		for msg, err := range seq {
			var mapped U
			if err == nil {
				mapped, err = f(msg)
			}
			if err != nil {
				var none U
				yield(none, err)
				return
			}
			if !yield(mapped, nil) {
				return
			}
		}
	}
}
