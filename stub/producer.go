package stub

import (
	"io"
	"iter"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/caught"
)

// producer sends the requests of a call from a goroutine of its own, and keeps the outcome
// for the goroutine of the caller.
type producer struct {
	mu  sync.Mutex
	end end
}

// end is the outcome of a sequence of requests. It is zero if there is nothing to report,
// or if it is not yet known.
type end struct {
	err   error  // of the sequence, or of sending
	after bool   // err came when the caller's context had ended
	raise func() // continues a panic or Goexit of the sequence
}

// startProducer begins to send the messages of reqs, and the half-close after them. An
// error, a panic or a Goexit of the sequence cancels the call: to the server it must not
// look like the end of the requests.
func startProducer[Req any](c *call, reqs iter.Seq2[Req, error]) *producer {
	p := new(producer)
	go func() {
		returned := false
		defer func() {
			if !returned {
				p.broken(c, recover())
			}
		}()
		err := produce(c.method, reqs, func(req Req) error { return c.send(req) })
		returned = true
		p.ended(c, err)
	}()
	return p
}

// ended is called when the sequence has returned, or when sending has ended it with err.
// From here on, before the half-close, the caller sees what the sequence did. So a caller
// that has the answer to all requests sees it too.
func (p *producer) ended(c *call, err error) {
	switch err {
	case nil:
		p.keep(end{})
		if err = c.closeSend(); err == nil || err == io.EOF {
			return
		}
	case io.EOF: // the RPC has ended; its receiving side says why
		p.keep(end{})
		return
	}
	err = c.route.producerStatus(err)
	switch ended := c.outer.Err(); {
	case ended == nil:
		p.keep(end{err: err})
		c.cancel()
	case codeOf(err) == codeOf(ended):
		// The sequence reports the end of the caller's context. So does the RPC, unless
		// it had ended earlier.
		p.keep(end{})
	default:
		p.keep(end{err: err, after: true})
	}
}

// broken is called when the sequence has not returned, with the result of recover. The
// panic continues in the caller, and is logged here with its stack. If the caller has
// gone, nothing is left to recover the panic: a client, which can cause this by leaving,
// must not be able to end the process.
func (p *producer) broken(c *call, r any) {
	caught.Log("gohost: "+c.method+": the sequence of requests", r)
	p.keep(end{raise: func() { caught.Raise(r) }})
	c.cancel()
}

// keep keeps the outcome of the sequence for the caller. If the caller has gone, nothing
// reads it.
func (p *producer) keep(e end) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end = e
}

// outcome returns the error of a call whose receiving side has ended with err, nil or
// io.EOF for OK. A panic of the sequence continues here.
//
// A failure of the RPC that had arrived before the sequence failed is the reason.
// Otherwise the RPC was canceled because of the sequence, and an interceptor may have
// turned that into success. Half of the requests must not look like all.
func (p *producer) outcome(err error) error {
	p.mu.Lock()
	e := p.end
	p.mu.Unlock()
	if e.raise != nil {
		e.raise()
	}
	if e.err != nil && (err == nil || err == io.EOF || status.Code(err) == codes.Canceled && !e.after) {
		return e.err
	}
	return err
}
