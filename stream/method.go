package stream

import (
	"context"
	"io"
	"iter"
	"reflect"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/caught"
	"github.com/gohostrpc/gohost/internal/unsent"
)

// This file has the side of a conversation that runs on its method's goroutines.

// run ranges the sequence of the method, and records its end.
func (c *Conversation[Req, Res]) run(method func(context.Context, iter.Seq2[Req, error]) iter.Seq2[Res, error]) {
	returned := false
	defer func() {
		if !returned {
			r := recover()
			caught.Log("gohost: the method given to stream.Open", r)
			c.end(status.Error(codes.Internal, "stream: the method given to Open panicked"), caught.RaiseOnce(r))
		}
		c.cancel()
		close(c.ended)
	}()
	err := c.deliver(method(unsent.NewContext(c.ctx, c.couldNotSend), c.all))
	c.end(err, func() {})
	returned = true
}

// deliver passes the messages of seq to Recv. It returns the error of seq, io.EOF if
// there is none, or the error of the context.
func (c *Conversation[Req, Res]) deliver(seq iter.Seq2[Res, error]) error {
	if seq == nil {
		return status.Error(codes.Internal, "stream: the method given to Open returned a nil sequence")
	}
	for res, err := range seq {
		if err != nil {
			return err
		}
		if !c.hand(res) {
			return c.canceled()
		}
	}
	return io.EOF
}

// hand passes res to Recv when that is called. When the context has ended, it collects
// res instead: nobody may call Recv then, and what has arrived, and the status after
// it, would be lost. It returns false if nobody wants res.
func (c *Conversation[Req, Res]) hand(res Res) bool {
	// If two cases are ready, select chooses either, but a response must not
	// overtake a collected one.
	if c.ctx.Err() == nil {
		select {
		case c.responses <- res:
			return true
		case <-c.ctx.Done():
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refusing || len(c.collected) >= collectAtMost {
		return false
	}
	c.collected = append(c.collected, res)
	return true
}

// all is the sequence of the requests. Ranging again continues where it stopped.
func (c *Conversation[Req, Res]) all(yield func(Req, error) bool) {
	for {
		select {
		case req := <-c.requests:
			c.setYielding(req)
			goOn := yield(req, nil)
			c.setYielding(nil)
			if !goOn {
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

func (c *Conversation[Req, Res]) setYielding(req any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.yielding = req
}

// couldNotSend is called by stubs with a request that they could not send because the
// RPC has ended. It is the conversation's only if it is the request that the method
// has just been given: the method may use its context for other calls.
func (c *Conversation[Req, Res]) couldNotSend(req any) {
	if reflect.ValueOf(req).Kind() != reflect.Pointer {
		return // it cannot be told from others
	}
	c.mu.Lock()
	own := c.yielding == req
	c.mu.Unlock()
	if own {
		c.closeOver()
	}
}
