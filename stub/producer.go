package stub

import (
	"io"
	"iter"
	"runtime"
	"sync"
)

// producer sends the requests of a bidirectional call from a goroutine of its
// own, and keeps what came of it for the goroutine of the caller.
type producer struct {
	mu    sync.Mutex
	left  bool   // the caller has gone
	err   error  // of the sequence, or of sending
	raise func() // goes on with a panic or Goexit of the sequence
}

// startProducer begins to send the messages of reqs, and the half-close after
// them. An error, a panic or a Goexit of the sequence cancels the call: it must
// not look to the server like the end of the requests.
func startProducer[Req any](c *call, reqs iter.Seq2[Req, error]) *producer {
	p := new(producer)
	go func() {
		returned := false
		defer func() {
			if returned {
				return
			}
			r := recover()
			if p.end(nil, func() { raise(r) }) {
				c.cancel()
				return
			}
			raise(r) // there is nobody else to go on with it
		}()
		err := produce(c.method, reqs, func(req Req) error { return c.send(req) })
		returned = true
		if err == nil {
			err = c.closeSend()
		}
		// An EOF says that the RPC has ended; why, its receiving side tells.
		if err != nil && err != io.EOF {
			p.end(err, nil)
			c.cancel()
		}
	}()
	return p
}

// raise goes on with what recover has returned r for; nil is a Goexit.
func raise(r any) {
	if r == nil {
		runtime.Goexit()
	}
	panic(r)
}

// end keeps what came of the sequence, and tells whether the caller is there
// to learn of it.
func (p *producer) end(err error, raise func()) (kept bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left {
		return false
	}
	p.err, p.raise = err, raise
	return true
}

// leave returns what came of the sequence so far. The caller wants to know
// nothing more after that.
func (p *producer) leave() (raise func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = true
	return p.raise, p.err
}
