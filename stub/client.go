package stub

import (
	"context"
	"io"
	"iter"
	"reflect"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// newMessage returns a new message of the type M, which is a pointer. By
// reflection: a type parameter for what it points to would make the compiler
// compile all that has it once for each message, as comparable does, while all
// pointers are alike to it.
func newMessage[M any]() M { return reflect.New(reflect.TypeFor[M]().Elem()).Interface().(M) }

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
		return none, route.asStatus(err)
	}
	return res, nil
}

// ServerStreaming returns the responses of a server-streaming method. Each
// ranging is one call.
func ServerStreaming[Res, Req any](ctx context.Context, s Stub, desc *grpc.StreamDesc, method string, req Req) iter.Seq2[Res, error] {
	return func(yield func(Res, error) bool) {
		var none Res
		c, err := open(ctx, s, desc, method)
		if err != nil {
			yield(none, err)
			return
		}
		drain := func() any { return newMessage[Res]() }
		defer c.close(drain)
		err = c.sendOnly(req)
		if err == nil {
			var left bool
			if left, err = receive(c, yield); left {
				return
			}
		}
		// Before the error is seen: grpc.Trailer and its like are valid then.
		c.close(drain)
		if err != nil {
			yield(none, err)
		}
	}
}

// ClientStreaming calls a client-streaming method with the requests of reqs,
// which it ranges on this goroutine.
func ClientStreaming[Req, Res any](ctx context.Context, s Stub, desc *grpc.StreamDesc, method string, res Res, reqs iter.Seq2[Req, error]) (Res, error) {
	var none Res
	c, err := open(ctx, s, desc, method)
	if err != nil {
		return none, err
	}
	defer c.close(func() any { return res })
	err = produce(method, reqs, func(req Req) error { return c.send(req) })
	if err == nil || err == io.EOF {
		err = c.answer(res, err)
	}
	if err != nil {
		return none, err
	}
	return res, nil
}

// answer receives the answer of a client-streaming method into res, when all is
// sent or sending has ended with err: an io.EOF says that the server has answered
// before it has read everything.
func (c *call) answer(res any, err error) error {
	if err == nil {
		err = c.closeSend()
	}
	if err == nil || err == io.EOF {
		err = c.handOverHeader()
	}
	if err == nil {
		err = c.receive(res)
	}
	// grpc looks for the end by itself, since there is one response. Where it
	// has found something else, the stream is still there.
	c.ended = err == nil
	if err != nil {
		return noEOF(c.method, err)
	}
	return nil
}

// BidiStreaming returns the responses of a bidirectional method. Each ranging
// is one call, and ranges reqs on a goroutine of its own.
func BidiStreaming[Res, Req any](ctx context.Context, s Stub, desc *grpc.StreamDesc, method string, reqs iter.Seq2[Req, error]) iter.Seq2[Res, error] {
	return func(yield func(Res, error) bool) {
		var none Res
		c, err := open(ctx, s, desc, method)
		if err != nil {
			yield(none, err)
			return
		}
		drain := func() any { return newMessage[Res]() }
		defer c.close(drain)
		p := startProducer(c, reqs)
		defer p.leave() //nolint:errcheck // on a panic or Goexit of the loop, which goes first
		left, err := receive(c, yield)
		c.close(drain)
		// What the producer did before the end is the outcome of the call: a
		// panic goes on here, an error is why the call was canceled.
		raise, failed := p.leave()
		if raise != nil {
			raise()
		}
		if failed != nil {
			err = failed
		}
		if err != nil && !left {
			yield(none, err)
		}
	}
}

// receive yields what the server sends. It returns true when yield has
// returned false, and else the error that ended the stream; nil is OK.
func receive[Res any](c *call, yield func(Res, error) bool) (left bool, err error) {
	if err := c.handOverHeader(); err != nil {
		return false, err
	}
	var res Res
	for first := true; ; first = false {
		if first || !c.reuse {
			res = newMessage[Res]()
		}
		if err := c.receive(res); err == io.EOF {
			return false, nil
		} else if err != nil {
			return false, err
		}
		if !yield(res, nil) {
			return true, nil
		}
	}
}
