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

// What a conversation does with its method, on the goroutines of that.

// run ranges the sequence of the method, and keeps how it ends.
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

// deliver hands the messages of seq to Recv. It returns the error of seq,
// io.EOF where there is none, or that of the context.
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

// hand hands res to Recv, when that comes for it, or collects it when the
// context has ended: nobody may come then, and what has arrived, and the status
// behind it, would be lost. It returns false when nobody wants it.
func (c *Conversation[Req, Res]) hand(res Res) bool {
	// Of two things that are ready, select takes either: a response must not
	// overtake one that was collected.
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

// all is the sequence of the requests. Ranging again goes on where it stopped.
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

// couldNotSend is told by stubs of a request that they could not send, since the
// RPC has ended. Only if it is the one that the method has just been given, it
// is the conversation's: the method may use its context for other calls.
func (c *Conversation[Req, Res]) couldNotSend(req any) {
	if reflect.ValueOf(req).Kind() != reflect.Pointer {
		return // nothing that could be told from others
	}
	c.mu.Lock()
	own := c.yielding == req
	c.mu.Unlock()
	if own {
		c.closeOver()
	}
}
