package stub

import (
	"context"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// call is one streaming RPC of a client, with a context of its own.
type call struct {
	grpc.ClientStream
	*settings
	route  *route
	method string
	cancel context.CancelFunc
	ended  bool // there is nothing more to receive
}

// open begins an RPC. Whoever gets a call must close it.
func open(ctx context.Context, s Stub, desc *grpc.StreamDesc, method string) (*call, error) {
	settings, route, err := s.prepare(method)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stream, err := settings.cc.NewStream(ctx, desc, method, route.options...)
	if err != nil {
		cancel()
		return nil, route.asStatus(noEOF(method, err))
	}
	return &call{ClientStream: stream, settings: settings, route: route, method: method, cancel: cancel}, nil
}

// close ends the RPC, if it has not ended by itself, and releases what it
// holds. It receives until the error, into what scratch returns: only then has
// grpc written the targets of Header, Trailer and Peer, which it does on a
// goroutine of its own, and let go of a stream with more messages than
// expected (grpc.ClientConn.NewStream tells how a stream is released). The
// RPC is canceled then, so that there is no more to receive than has arrived.
func (c *call) close(scratch func() any) {
	c.cancel()
	for tooMany := 0; !c.ended; {
		err := c.RecvMsg(scratch())
		if isTooMany(err) && tooMany < 1<<12 {
			tooMany++
			continue
		}
		c.ended = err != nil
	}
}

// isTooMany tells whether err is grpc's own for a second response where there
// must be one. It is an error after which the stream is not released, and there
// may be more such. A server can send the same text as its status: hence the
// limit above.
func isTooMany(err error) bool {
	return status.Code(err) == codes.Internal &&
		strings.HasPrefix(status.Convert(err).Message(), "cardinality violation: expected <EOF>")
}

// send sends one request. An io.EOF says that the RPC has ended; why, its
// receiving side tells.
func (c *call) send(req any) error { return c.route.sendStatus(c.SendMsg(req)) }

// closeSend is the half-close. Its io.EOF is that of send.
func (c *call) closeSend() error { return c.route.sendStatus(c.CloseSend()) }

// sendOnly sends the one request of the RPC, and the half-close.
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
	return c.route.asStatus(err)
}

// handOverHeader waits for the header, if somebody asked for it.
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

// handOver gives header, nil where there is none, to those who asked for it.
func (s *settings) handOver(header metadata.MD) {
	if header == nil {
		return
	}
	for _, o := range s.onHeader {
		o.f(header.Copy())
	}
}
