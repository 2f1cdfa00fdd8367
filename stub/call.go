package stub

import (
	"context"
	"io"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/internal/pushback"
	"github.com/gohostrpc/gohost/internal/unsent"
)

// call is one streaming RPC of a client, with a context of its own.
type call struct {
	grpc.ClientStream
	*settings
	route  *route
	method string

	outer    context.Context // of the caller, around that of the call
	cancel   context.CancelFunc
	finished chan struct{} // told when grpc has written the targets; nil if there are none
	over     *atomic.Bool  // grpc has ended the call; nil if nothing asks for its trailer
	ended    bool          // there is nothing more to receive
	closed   bool
}

// open begins an RPC. The caller must close it.
func open(ctx context.Context, s Stub, desc *grpc.StreamDesc, method string) (*call, error) {
	settings, route, err := s.prepare(method)
	if err != nil {
		return nil, err
	}
	c := &call{settings: settings, route: route, method: method, outer: ctx}
	opts := route.options
	if route.targets {
		c.finished = make(chan struct{}, 1)
		opts = append(opts, grpc.OnFinish(c.finish))
	}
	if pushback.Wanted(ctx) {
		// After an error of an interceptor, the trailer may not be readable yet.
		c.over = new(atomic.Bool)
		opts = append(opts, grpc.OnFinish(func(error) { c.over.Store(true) }))
	}
	ctx, c.cancel = context.WithCancel(ctx)
	c.ClientStream, err = settings.cc.NewStream(ctx, desc, method, opts...)
	if err != nil {
		c.cancel()
		return nil, route.asStatus(noEOF(method, err))
	}
	return c, nil
}

// send sends one request. io.EOF means that the RPC has ended. Its receiving side says
// why.
func (c *call) send(req any) error {
	err := c.SendMsg(req)
	if err == nil {
		return nil
	}
	unsent.Report(c.outer, req)
	return c.route.sendStatus(err)
}

// closeSend half-closes the call. Its io.EOF means the same as that of send.
func (c *call) closeSend() error { return c.route.sendStatus(c.CloseSend()) }

// sendOnly sends the single request of the RPC, and the half-close.
func (c *call) sendOnly(req any) error {
	err := c.send(req)
	if err == nil {
		err = c.closeSend()
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// receive receives into res. At the end it returns io.EOF for OK, else the
// status of the RPC.
func (c *call) receive(res any) error {
	err := c.RecvMsg(res)
	if err == nil || err == io.EOF {
		c.ended = err != nil
		return err
	}
	c.ended = true
	if c.over != nil && c.over.Load() {
		err = pushback.Keep(err, c.Trailer())
	}
	return c.route.asStatus(err)
}

// handOverHeader waits for the header, if a function wants it.
func (c *call) handOverHeader() error {
	if len(c.onHeader) == 0 {
		return nil
	}
	header, err := c.Header()
	if err != nil {
		return c.route.asStatus(err)
	}
	c.handOver(header)
	return nil
}

// handOver passes header, or nil if there is none, to the functions that want it.
func (s *settings) handOver(header metadata.MD) {
	if header == nil {
		return
	}
	for _, o := range s.onHeader {
		o.F(header.Copy())
	}
}
