package stream

import (
	"context"
	"errors"
	"io"
	"iter"
	"runtime"
	"sync"

	"google.golang.org/grpc/status"
)

// ErrClosed is returned by the Send of a [Conversation] after CloseSend.
var ErrClosed = errors.New("stream: send after the end of sending")

// Conversation is a bidirectional call in which the caller decides, step by
// step, when to send and when to receive. It is made by [Open].
//
// One goroutine may send while another receives. Close and CloseSend may be
// called by any goroutine at any time.
type Conversation[Req, Res any] struct {
	ctx    context.Context
	cancel context.CancelFunc

	requests  chan Req
	responses chan Res
	sent      chan struct{} // closed by CloseSend
	closeSent func()        // closes sent, once
	ended     chan struct{} // closed when the method's sequence has ended

	// Written before ended is closed.
	err   error  // io.EOF where the sequence ended by itself
	raise func() // goes on with a panic or Goexit of the sequence, once
}

// Open calls method, which may be a method value of a stub or of an
// implementation in this process, and returns the conversation with it. It
// opens the call at once, on a goroutine that ends with it. The caller must end
// the conversation: by Close, by receiving until an error, or by ending ctx.
//
//	chat := stream.Open(ctx, stub.Chat)
//	defer chat.Close()
//	if err := chat.Send(req); err != nil {
//		return err
//	}
//	res, err := chat.Recv()
//
// The conversation receives one message ahead: it is not for a stub with
// stub.ReuseMessages. Nothing else is buffered. Where an implementation in this
// process answers each request before it asks for the next, the second of two
// Sends in a row waits for a Recv; across a connection, flow control decides.
func Open[Req, Res any](ctx context.Context, method func(context.Context, iter.Seq2[Req, error]) iter.Seq2[Res, error]) *Conversation[Req, Res] {
	ctx, cancel := context.WithCancel(ctx)
	sent := make(chan struct{})
	c := &Conversation[Req, Res]{
		ctx:       ctx,
		cancel:    cancel,
		requests:  make(chan Req),
		responses: make(chan Res),
		sent:      sent,
		closeSent: sync.OnceFunc(func() { close(sent) }),
		ended:     make(chan struct{}),
	}
	go c.run(method)
	return c
}

// Send sends req and returns when the other side of the conversation's method
// has taken it: where it is a stub, that is when the request before has been
// passed to the transport. As with every gRPC stream, req must not be changed
// after that.
//
// It returns io.EOF when the call has ended; why, Recv tells. After CloseSend
// it returns [ErrClosed].
func (c *Conversation[Req, Res]) Send(req Req) error {
	select {
	case <-c.sent:
		return ErrClosed
	default:
	}
	select {
	case c.requests <- req:
		return nil
	case <-c.sent:
		return ErrClosed
	case <-c.ended:
		return io.EOF
	}
}

// CloseSend says that nothing more will be sent. Receiving goes on.
func (c *Conversation[Req, Res]) CloseSend() { c.closeSent() }

// Recv returns the next response. At the end it returns the error of the call,
// or io.EOF where the call ended well, and it does so again each time. The
// caller owns the response. A panic or runtime.Goexit of the method goes on
// here, the first time.
func (c *Conversation[Req, Res]) Recv() (Res, error) {
	var none Res
	select {
	case res := <-c.responses:
		return res, nil
	case <-c.ended:
		c.raise()
		return none, c.err
	}
}

// Close ends the conversation: it cancels the call, unless it has ended, and
// returns when its sequence has. The targets of grpc.Header and the like may be
// read then. A panic of the method that no Recv has met goes on here.
func (c *Conversation[Req, Res]) Close() {
	c.cancel()
	<-c.ended
	c.raise()
}

// run ranges the sequence of the method, and keeps how it ends.
func (c *Conversation[Req, Res]) run(method func(context.Context, iter.Seq2[Req, error]) iter.Seq2[Res, error]) {
	c.raise = func() {}
	c.err = io.EOF
	returned := false
	defer func() {
		if !returned {
			r := recover()
			var once sync.Once
			c.raise = func() { once.Do(func() { raise(r) }) }
		}
		c.cancel()
		close(c.ended)
	}()
	c.err = c.deliver(method(c.ctx, c.all))
	returned = true
}

// deliver hands the messages of seq to Recv. It returns the error of seq,
// io.EOF where there is none, or that of the context.
func (c *Conversation[Req, Res]) deliver(seq iter.Seq2[Res, error]) error {
	for res, err := range seq {
		if err != nil {
			return err
		}
		select {
		case c.responses <- res:
		case <-c.ctx.Done():
			return c.canceled()
		}
	}
	return io.EOF
}

// all is the sequence of the requests. Ranging again goes on where it stopped.
func (c *Conversation[Req, Res]) all(yield func(Req, error) bool) {
	for {
		select {
		case req := <-c.requests:
			if !yield(req, nil) {
				return
			}
		case <-c.sent:
			return
		case <-c.ctx.Done():
			var none Req
			yield(none, c.canceled())
			return
		}
	}
}

// canceled returns the end of the context as a gRPC status.
func (c *Conversation[Req, Res]) canceled() error {
	return status.FromContextError(c.ctx.Err()).Err()
}

// raise goes on with what recover has returned r for; nil is a Goexit.
func raise(r any) {
	if r == nil {
		runtime.Goexit()
	}
	panic(r) //nolint:forbidigo // it is the user's, and goes on
}
