package stub

import (
	"io"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/option"
)

// requests are the requests of one RPC, as its handler ranges them.
type requests[Req any] struct {
	ss     grpc.ServerStream
	method string
	newReq func() Req
	reused Req    // where requests are received, if into one message
	reset  func() // of reused; nil if there is none

	mu     sync.Mutex  // held while receiving
	err    error       // how the stream ended; io.EOF is the client's half-close
	closed atomic.Bool // the handler has returned
}

func newRequests[Req any](ss grpc.ServerStream, method string, newReq func() Req) *requests[Req] {
	r := &requests[Req]{ss: ss, method: method, newReq: newReq}
	if _, ok := ss.(option.ReusingStream); ok {
		r.reused = newReq()
		r.reset = resetOf(r.reused)
	}
	return r
}

// all is the sequence. Ranging again continues where it stopped.
func (r *requests[Req]) all(yield func(Req, error) bool) {
	for {
		req, err := r.next()
		if err == io.EOF {
			return
		}
		if !yield(req, err) || err != nil {
			return
		}
	}
}

func (r *requests[Req]) next() (req Req, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var none Req
	if r.closed.Load() {
		return none, r.errClosed()
	}
	if r.err != nil {
		return none, r.err
	}
	if r.reset != nil {
		req = r.reused
		r.reset()
	} else {
		req = r.newReq()
	}
	err = r.ss.RecvMsg(req)
	// It may have waited for a long time.
	if r.closed.Load() {
		return none, r.errClosed()
	}
	if err != nil {
		if err != io.EOF {
			err = asStatus(err)
		}
		r.err = err
		return none, err
	}
	return req, nil
}

// close records that the handler has returned: from now on nothing is received.
func (r *requests[Req]) close() { r.closed.Store(true) }

func (r *requests[Req]) errClosed() error {
	return status.Errorf(codes.Canceled, "gohost: %s: the handler has returned", r.method)
}
