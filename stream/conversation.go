package stream

import (
	"context"
	"errors"
	"io"
	"iter"
	"reflect"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/await"
)

// ErrClosed is returned by [Conversation.Send] after [Conversation.CloseSend].
var ErrClosed = errors.New("stream: send after the end of sending")

// When the context of a conversation ends, messages that have arrived are collected
// for Recv, until the method's sequence has ended or one of these limits is reached.
const (
	collectWithin = time.Second
	collectAtMost = 1 << 20 // messages
)

// Conversation is a bidirectional call in which the caller decides, step by step,
// when to send and when to receive. [Open] makes it.
//
// One goroutine may send while another receives. Any goroutine may call
// [Conversation.Close] and [Conversation.CloseSend] at any time.
type Conversation[Req, Res any] struct {
	ctx    context.Context
	cancel context.CancelFunc

	requests  chan Req
	responses chan Res
	sent      chan struct{} // closed by CloseSend
	closeSent func()        // closes sent, once
	over      chan struct{} // closed when a request could not be sent
	closeOver func()        // closes over, once
	ended     chan struct{} // closed when the method's sequence has ended

	mu        sync.Mutex
	yielding  any   // the request that the method has; nil while it waits for one
	collected []Res // arrived when the context had ended
	refusing  bool  // nothing more is collected
	err       error // what Recv returns after all responses; io.EOF if the sequence ended by itself
	raise     func()
}

// Open calls method and returns the conversation with it. The method may be a method
// value of a stub or of an implementation in this process. Open starts the call
// immediately, on a goroutine that ends with it. The caller must end the
// conversation: with Close, by receiving until an error, or by ending ctx.
//
//	chat := stream.Open(ctx, service.Chat)
//	defer chat.Close()
//	if err := chat.Send(req); err != nil {
//		return err
//	}
//	res, err := chat.Recv()
//
// The conversation receives one message ahead, so do not use it with a stub with
// [ReuseMessages]. Nothing else is buffered until ctx ends. If an implementation in
// this process answers each request before it takes the next one, the second of two
// Sends in a row waits for a Recv. Over a connection, flow control decides.
func Open[Req, Res any](ctx context.Context, method func(context.Context, iter.Seq2[Req, error]) iter.Seq2[Res, error]) *Conversation[Req, Res] {
	ctx, cancel := context.WithCancel(ctx)
	sent, over := make(chan struct{}), make(chan struct{})
	c := &Conversation[Req, Res]{
		ctx:       ctx,
		cancel:    cancel,
		requests:  make(chan Req),
		responses: make(chan Res),
		sent:      sent,
		closeSent: sync.OnceFunc(func() { close(sent) }),
		over:      over,
		closeOver: sync.OnceFunc(func() { close(over) }),
		ended:     make(chan struct{}),
		raise:     func() {},
	}
	go c.run(method)
	return c
}

// Send sends req, and returns when the conversation's method has taken it. If that is
// a stub, it has then passed the previous request to the transport. As with every
// gRPC stream, req must not be changed after that.
//
// Send returns io.EOF when the call has ended. At the latest the second Send after the
// end does so, even if nobody receives. Recv then returns the responses that had arrived,
// and why the call has ended. After CloseSend, Send returns [ErrClosed]. A nil message is
// the error Internal, and the conversation continues.
func (c *Conversation[Req, Res]) Send(req Req) error {
	if isNil(req) {
		return status.Error(codes.Internal, "stream: Send was given a nil message")
	}
	// If several cases are ready, select chooses any of them.
	select {
	case <-c.sent:
		return ErrClosed
	default:
	}
	select {
	case <-c.over:
		return io.EOF
	case <-c.ctx.Done():
		return io.EOF
	default:
	}
	select {
	case c.requests <- req:
		return nil
	case <-c.sent:
		return ErrClosed
	case <-c.over:
		return io.EOF
	case <-c.ctx.Done():
		return io.EOF
	}
}

// isNil reports whether msg is nil, if its type can be nil.
func isNil(msg any) bool {
	switch v := reflect.ValueOf(msg); v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return v.IsNil()
	default:
		return false
	}
}

// CloseSend ends sending: the server sees the half-close. Receiving goes on. It may be
// called again.
func (c *Conversation[Req, Res]) CloseSend() { c.closeSent() }

// Recv returns the next response. At the end it returns the error of the call, or
// io.EOF if the call ended without an error, and then the same each time. The caller
// owns the response. A panic or runtime.Goexit of the method continues here, the first
// time.
//
// When the context ends, Recv still returns the responses that had arrived, and then
// the status of the call. If the method ignores its context and does not end within a
// second, Recv returns the error of the context.
func (c *Conversation[Req, Res]) Recv() (Res, error) {
	select {
	case res := <-c.responses:
		return res, nil
	case <-c.ended:
	case <-c.ctx.Done():
		c.awaitEnd()
	}
	c.mu.Lock()
	var res Res
	collected := len(c.collected) > 0
	if collected {
		res, c.collected = c.collected[0], c.collected[1:]
	}
	err, raise := c.err, c.raise
	c.mu.Unlock()
	if collected {
		return res, nil
	}
	raise()
	return res, err
}

// Responses returns a sequence of what Recv returns, for a loop. It ends with a clean
// end of the call. An error of the call is its (nil, err). Unlike the loop of a call,
// leaving this loop does not end the conversation: ranging again continues after the
// last response, and Close ends it.
//
//	for res, err := range chat.Responses() {
//		if err != nil {
//			return err
//		}
//		if err := chat.Send(next(res)); err != nil {
//			return err
//		}
//	}
//
// As with Recv, only one goroutine may range it at a time.
func (c *Conversation[Req, Res]) Responses() iter.Seq2[Res, error] {
	return func(yield func(Res, error) bool) {
		for {
			res, err := c.Recv()
			if err == io.EOF || !yield(res, err) || err != nil {
				return
			}
		}
	}
}

// Close ends the conversation. It cancels the call, unless it has ended. Close returns
// when the call's sequence has ended, or after a second if the method ignores its
// context. After that, the targets of [google.golang.org/grpc.Header] and similar options
// may be read. Close drops responses that were not received. It may be called again. A
// panic of the method that no Recv has raised continues here.
func (c *Conversation[Req, Res]) Close() {
	c.mu.Lock()
	c.refusing, c.collected = true, nil
	c.mu.Unlock()
	c.cancel()
	c.awaitEnd()
	c.mu.Lock()
	raise := c.raise
	c.mu.Unlock()
	raise()
}

// awaitEnd waits for the end of the method's sequence. If that takes too long, the
// conversation ends without it.
func (c *Conversation[Req, Res]) awaitEnd() {
	c.mu.Lock()
	given := c.err != nil
	c.mu.Unlock()
	if given {
		return
	}
	if !await.Within(c.ended, collectWithin) {
		c.end(c.canceled(), func() {})
	}
}

// end records how the conversation ends. The first record stands.
func (c *Conversation[Req, Res]) end(err error, raise func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err, c.raise, c.refusing = err, raise, true
	}
}

// canceled returns the end of the context as a gRPC status.
func (c *Conversation[Req, Res]) canceled() error {
	return status.FromContextError(c.ctx.Err()).Err()
}
