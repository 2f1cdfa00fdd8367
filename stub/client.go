package stub

import (
	"context"
	"io"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Unary calls a unary method and returns res, into which the response has been
// received.
func Unary[Req, Res any](ctx context.Context, s Stub, method string, req Req, res Res) (Res, error) {
	var none Res
	settings, route, err := s.prepare(method)
	if err != nil {
		return none, err
	}
	opts := route.options
	if len(settings.onHeader) > 0 {
		var header metadata.MD
		opts = append(opts, grpc.Header(&header))
		defer func() { settings.handOver(header) }()
	}
	if err := settings.cc.Invoke(ctx, method, req, res, opts...); err != nil {
		return none, route.asStatus(noEOF(method, err))
	}
	return res, nil
}

// ServerStreaming returns the responses of a server-streaming method. Each
// ranging is one call. newRes makes a message to receive into.
func ServerStreaming[Req, Res any](ctx context.Context, s Stub, desc *grpc.StreamDesc, method string, req Req, newRes func() Res) iter.Seq2[Res, error] {
	return func(yield func(Res, error) bool) {
		var none Res
		c, err := open(ctx, s, desc, method)
		if err != nil {
			yield(none, err)
			return
		}
		drain := func() any { return newRes() }
		defer c.close(drain)
		err = c.sendOnly(req)
		if err == nil {
			var left bool
			if left, err = receive(c, newRes, yield); left {
				return
			}
		}
		// This is done before the loop gets the error: grpc.Trailer and similar options are valid then.
		c.close(drain)
		if err != nil {
			yield(none, err)
		}
	}
}

// ClientStreaming calls a client-streaming method with the requests of reqs, which it
// ranges on a goroutine of the call, and returns res, into which the response has been
// received. The call returns when the RPC has ended, even if reqs waits for something.
func ClientStreaming[Req, Res any](ctx context.Context, s Stub, desc *grpc.StreamDesc, method string, reqs iter.Seq2[Req, error], res Res) (Res, error) {
	var none Res
	c, err := open(ctx, s, desc, method)
	if err != nil {
		return none, err
	}
	drain := func() any { return newMessage[Res]() }
	defer c.close(drain)
	p := startProducer(c, reqs)
	err = c.answer(res)
	c.close(drain)
	if err = p.outcome(err); err != nil {
		return none, noEOF(method, err)
	}
	return res, nil
}

// answer receives the answer of a client-streaming method into res. It returns io.EOF
// if the call has ended well without an answer.
func (c *call) answer(res any) error {
	err := c.handOverHeader()
	if err == nil {
		err = c.receive(res)
	}
	c.ended = true // grpc checks for the end by itself, since there is one response
	return err
}

// BidiStreaming returns the responses of a bidirectional method. Each ranging
// is one call, and ranges reqs on a goroutine of its own. newRes makes a message
// to receive into.
func BidiStreaming[Req, Res any](ctx context.Context, s Stub, desc *grpc.StreamDesc, method string, reqs iter.Seq2[Req, error], newRes func() Res) iter.Seq2[Res, error] {
	return func(yield func(Res, error) bool) {
		var none Res
		c, err := open(ctx, s, desc, method)
		if err != nil {
			yield(none, err)
			return
		}
		drain := func() any { return newRes() }
		defer c.close(drain)
		p := startProducer(c, reqs)
		left, err := receive(c, newRes, yield)
		c.close(drain)
		err = p.outcome(err)
		if err != nil && !left {
			yield(none, err)
		}
	}
}

// receive yields what the server sends. It returns true if yield has returned false.
// Otherwise it returns the error that ended the stream; nil means OK.
func receive[Res any](c *call, newRes func() Res, yield func(Res, error) bool) (left bool, err error) {
	if err := c.handOverHeader(); err != nil {
		return false, err
	}
	var res Res
	var reset func() // of res, if res is reused
	for {
		if reset == nil {
			res = newRes()
		} else {
			reset()
		}
		if err := c.receive(res); err == io.EOF {
			return false, nil
		} else if err != nil {
			return false, err
		}
		if !yield(res, nil) {
			return true, nil
		}
		if c.reuse && reset == nil {
			reset = resetOf(res)
		}
	}
}
