package stream

import (
	"context"
	"iter"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/await"
	"github.com/gohostrpc/gohost/internal/caught"
)

const (
	// A sequence that ends with its context returns its own error if it does so
	// within this time.
	tellWithin = 50 * time.Millisecond
	// Stop waits at most this long for a sequence that it has left.
	stopWithin = time.Second
)

// Chan has the messages of a sequence in a channel, for a select with other channels.
// [ToChan] makes it. Any goroutine may use it at any time.
type Chan[T any] struct {
	// C receives the messages one by one, without a buffer. It is closed after the
	// last message. Err tells why.
	C <-chan T

	ctx   context.Context
	c     chan T
	left  chan struct{} // closed by Stop
	leave func()        // closes left, once
	ended chan struct{} // closed when the sequence has ended

	mu      sync.Mutex
	sending bool // the sequence has yielded: only its goroutine closes c
	closed  bool
	err     error
	raise   func() // continues a panic or Goexit of the sequence
}

// ToChan ranges seq on a goroutine of its own, and returns a Chan with its messages.
// It is for code that waits for messages and for other things:
//
//	requests := stream.ToChan(ctx, reqs)
//	defer requests.Stop()
//	for {
//		select {
//		case req, ok := <-requests.C:
//			if !ok {
//				return requests.Err()
//			}
//			…
//		case <-ticker.C:
//			…
//		}
//	}
//
// C is closed when seq ends, when ctx ends, and by [Chan.Stop]. After that, the goroutine
// leaves seq at its next message, and ends. If seq waits, the goroutine ends when that
// wait ends. The requests of a handler end with the handler. A call ends with the
// context that it was made with, so give such a call a context that you end. A nil seq is
// the error Internal.
//
// If nobody receives any more, a message that the goroutine has already taken is
// lost. Do not use [ReuseMessages] or [ReuseRequests] with a Chan: it receives the
// next message while the last one is in use.
func ToChan[T any](ctx context.Context, seq iter.Seq2[T, error]) *Chan[T] {
	ch, left := make(chan T), make(chan struct{})
	c := &Chan[T]{
		C:     ch,
		ctx:   ctx,
		c:     ch,
		left:  left,
		leave: sync.OnceFunc(func() { close(left) }),
		ended: make(chan struct{}),
		raise: func() {},
	}
	go c.run(seq)
	return c
}

// Err returns why C is closed: nil if seq has ended without an error, else its error,
// ctx.Err(), or [ErrLeft] after Stop. It returns nil while C is not closed. A panic or
// runtime.Goexit of seq is logged by grpclog, and continues here or in Stop, once.
func (c *Chan[T]) Err() error {
	c.mu.Lock()
	err, raise := c.err, c.raise
	c.mu.Unlock()
	raise()
	return err
}

// Stop closes C, if it is not closed, and leaves seq. If seq is handling a message,
// Stop returns when seq has ended, or after a second. It does not wait for a seq that
// waits for a message. It may be called again.
func (c *Chan[T]) Stop() {
	c.leave()
	c.mu.Lock()
	wait := c.sending
	if !wait {
		c.closeFor(ErrLeft)
	}
	c.mu.Unlock()
	if wait {
		await.Within(c.ended, stopWithin)
	}
	c.mu.Lock()
	raise := c.raise
	c.mu.Unlock()
	raise()
}

// run ranges seq, and keeps how it ends.
func (c *Chan[T]) run(seq iter.Seq2[T, error]) {
	forget := context.AfterFunc(c.ctx, c.contextEnded)
	returned := false
	defer func() {
		forget()
		if !returned {
			c.panicked(recover())
		}
		close(c.ended)
	}()
	err := c.deliver(seq)
	c.mu.Lock()
	c.closeFor(err)
	c.mu.Unlock()
	returned = true
}

// panicked closes C because seq has panicked, or has called Goexit if r is nil.
func (c *Chan[T]) panicked(r any) {
	caught.Log("gohost: the sequence given to stream.ToChan", r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raise = caught.RaiseOnce(r)
	c.closeFor(status.Error(codes.Internal, "stream: the sequence given to ToChan panicked"))
}

// deliver passes the messages of seq to C, and returns how seq has ended.
func (c *Chan[T]) deliver(seq iter.Seq2[T, error]) error {
	if seq == nil {
		return status.Error(codes.Internal, "stream: ToChan was given a nil sequence")
	}
	for msg, err := range seq {
		if err != nil {
			return err
		}
		if !c.hand(msg) {
			return ErrLeft // unless C was already closed for another reason
		}
	}
	return nil
}

// hand passes msg to C. It returns false if C is closed.
func (c *Chan[T]) hand(msg T) bool {
	c.mu.Lock()
	c.sending = true
	err := c.ctx.Err() // if several cases are ready, select chooses any of them
	if closed := c.closed; closed || err != nil {
		c.closeFor(err)
		c.mu.Unlock()
		return false
	}
	c.mu.Unlock()
	select {
	case c.c <- msg:
	case <-c.left:
		err = ErrLeft
	case <-c.ctx.Done():
		err = c.ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.closeFor(err)
		return false
	}
	c.sending = false
	return true
}

// contextEnded closes C if ctx has ended and seq does not end by itself.
func (c *Chan[T]) contextEnded() {
	if await.Within(c.ended, tellWithin) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.sending {
		c.closeFor(c.ctx.Err())
	}
}

// closeFor closes C for the reason err, unless it is closed. The caller holds
// the lock, and nothing may be being sent.
func (c *Chan[T]) closeFor(err error) {
	if !c.closed {
		c.closed, c.err = true, err
		close(c.c)
	}
}
