package gohostconnect

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// clientCall is one RPC of a client: what grpc calls a stream.
type clientCall struct {
	conn   *conn
	ctx    context.Context //nolint:containedctx // a grpc.ClientStream has one
	cancel context.CancelFunc
	spec   connect.Spec
	opts   callOptions
	info   *connect.CallInfo
	stream connect.ClientStream

	arrived chan struct{} // closed when there is a header, or none is to come
	ended   chan struct{} // closed when trailer and err are set

	mu      sync.Mutex
	header  metadata.MD
	came    bool // arrived is closed
	peer    peer.Peer
	over    bool // ended is closed
	trailer metadata.MD
	err     error // how the call ended; nil is OK
}

// callerKey is the key of a clientCall in the context of its request.
type callerKey struct{}

// callerOf returns the call whose request ctx is of, or nil.
func callerOf(ctx context.Context) *clientCall {
	c, _ := ctx.Value(callerKey{}).(*clientCall)
	return c
}

// withoutCaller returns the context of a handler: its own calls are others.
func withoutCaller(ctx context.Context) context.Context {
	if callerOf(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, callerKey{}, (*clientCall)(nil))
}

// newClientCall returns a call of method that has not begun. It must be ended.
func newClientCall(ctx context.Context, c *conn, method string, kind connect.StreamType, opts []grpc.CallOption) (*clientCall, error) {
	o, err := c.transport.optionsOf(ctx, method, opts)
	if err != nil {
		return nil, err
	}
	md, err := o.metadataOf(ctx, c.transport, method)
	if err != nil {
		return nil, err
	}
	call := &clientCall{
		conn: c, opts: o,
		spec:    connect.Spec{Procedure: method, StreamType: kind},
		arrived: make(chan struct{}), ended: make(chan struct{}),
	}
	if len(o.tuned) > 0 {
		call.spec.Schema = tuning{o.tuned}
	}
	call.ctx, call.cancel = context.WithCancel(ctx)
	call.ctx, call.info = connect.NewClientContext(context.WithValue(call.ctx, callerKey{}, call))
	addTo(call.info.RequestHeader(), md)
	if o.host != "" {
		call.info.RequestHeader().Set("Host", o.host)
	}
	// A call that is left without a further word ends with its context.
	context.AfterFunc(call.ctx, func() { call.end(status.FromContextError(call.ctx.Err()).Err(), nil) })
	return call, nil
}

// headerArrived says that the header of the call is there, or with nil that none is to come.
func (c *clientCall) headerArrived(md metadata.MD) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.came {
		c.came = true
		c.header = md
		close(c.arrived)
	}
}

// peerKnown says whom the call has reached.
func (c *clientCall) peerKnown(local, remote net.Addr, state *tls.ConnectionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peer = peer.Peer{Addr: remote, LocalAddr: local, AuthInfo: authInfoOf(state)}
}

// Header returns the header when it is there, and nil for a call that ends without.
func (c *clientCall) Header() (metadata.MD, error) {
	select {
	case <-c.arrived:
	case <-c.ended:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.came {
		return c.header, nil
	}
	return nil, c.err
}

// Trailer returns the trailer of a call that has ended.
func (c *clientCall) Trailer() metadata.MD {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trailer
}

// Context returns the context of the call.
func (c *clientCall) Context() context.Context { return c.ctx }

// CloseSend half-closes the call. It returns nil: RecvMsg says how a call has ended.
func (c *clientCall) CloseSend() error {
	if c.ctx.Err() == nil { // a call that is left must not look as if it was complete
		_ = c.stream.CloseSend()
	}
	return nil
}

// SendMsg sends a request. When it returns, the message is the caller's again. It
// returns io.EOF when the call has ended, and RecvMsg how.
func (c *clientCall) SendMsg(m any) error {
	if limit := c.opts.maxSend; limit != nil {
		if size := sizeOf(m); size > *limit {
			return c.fail(errTooLarge("send", size, *limit))
		}
	}
	err := c.stream.Send(m)
	switch {
	case err == nil:
		return nil
	case c.ctx.Err() != nil || errors.Is(err, io.EOF):
		return io.EOF
	}
	// It could not be encoded, or is too large.
	var e *connect.Error
	if errors.As(err, &e) && (e.Code() == connect.CodeInternal || e.Code() == connect.CodeResourceExhausted) && !e.IsRemote() {
		return c.fail(c.errorOf(err))
	}
	return io.EOF
}

// RecvMsg receives a response into m. It returns io.EOF when the call has ended
// well, and else its status.
func (c *clientCall) RecvMsg(m any) error {
	if err := c.outcome(); err != nil {
		return err
	}
	err := c.stream.Receive(m)
	if err == nil && c.opts.maxReceive != nil {
		if size := sizeOf(m); size > *c.opts.maxReceive {
			return c.fail(errTooLarge("receive", size, *c.opts.maxReceive))
		}
	}
	many := c.spec.StreamType&connect.StreamTypeServer != 0
	if err == nil && many {
		return nil
	}
	if err == nil {
		// That was the response, and this must be the end.
		err = c.stream.Receive(cleared(m))
		if err == nil {
			return c.fail(status.Errorf(codes.Internal, "gohostconnect: %s: more than one response", c.spec.Procedure))
		}
		if errors.Is(err, io.EOF) {
			c.end(nil, c.info)
			return c.returned()
		}
	} else if errors.Is(err, io.EOF) {
		if !many {
			return c.fail(status.Errorf(codes.Internal, "gohostconnect: %s: no response", c.spec.Procedure))
		}
		c.end(nil, c.info)
		if err := c.returned(); err != nil {
			return err
		}
		return io.EOF
	}
	c.end(c.errorOf(err), c.info)
	return c.returned()
}

// outcome returns how a call that has ended ended, io.EOF for well, and nil for one
// that goes on.
func (c *clientCall) outcome() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.over:
		return nil
	case c.err != nil:
		return c.err
	}
	return io.EOF
}

// returned returns the status of a call that has ended.
func (c *clientCall) returned() error {
	<-c.ended
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// fail ends the call with err, and returns that.
func (c *clientCall) fail(err error) error {
	c.end(err, nil)
	return err
}

// end ends the call with err, nil for OK, once. info is what connect knows
// of it, nil where connect may still write that.
func (c *clientCall) end(err error, info *connect.CallInfo) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over = true
	c.err = err
	if info != nil {
		c.trailer, _ = metadataOf(info.ResponseTrailer())
		if !c.came {
			c.header, _ = metadataOf(info.ResponseHeader())
		}
	}
	if !c.came {
		c.came = true
		close(c.arrived)
	}
	c.fillTargets()
	c.mu.Unlock()
	close(c.ended)
	if info != nil && c.spec.StreamType&connect.StreamTypeClient != 0 {
		// net/http goes on waiting for the rest of a request that has been answered. A
		// call that is left must not be closed: it would look as if it was complete.
		_ = c.stream.CloseSend()
	}
	c.cancel()
	for _, f := range c.opts.onFinish {
		f(err)
	}
}

// fillTargets writes what the options of the call ask for. The call is locked.
func (c *clientCall) fillTargets() {
	for _, target := range c.opts.headers {
		*target = c.header
	}
	for _, target := range c.opts.trailers {
		*target = c.trailer
	}
	for _, target := range c.opts.peers {
		if c.peer.Addr != nil {
			*target = c.peer
		}
	}
}

// errorOf returns an error of connect as the status of the call. What happened here
// because the context had ended, has the status of the context.
func (c *clientCall) errorOf(err error) error {
	var e *connect.Error
	remote := errors.As(err, &e) && e.IsRemote()
	if ended := c.ctx.Err(); ended != nil && !remote {
		return status.FromContextError(ended).Err()
	}
	return statusOf(err)
}

// cleared returns an empty message of the type of m.
func cleared(m any) any {
	if p, ok := m.(proto.Message); ok {
		return p.ProtoReflect().New().Interface()
	}
	return m
}

// sizeOf returns the size of a message in bytes.
func sizeOf(m any) int {
	if p, ok := m.(proto.Message); ok {
		return proto.Size(p)
	}
	return 0
}

// sentOf returns a copy of md without what is not sent.
func sentOf(md metadata.MD) metadata.MD {
	sent := make(metadata.MD, len(md))
	for key, values := range md {
		if isSent(key) {
			sent[key] = append([]string(nil), values...)
		}
	}
	return sent
}
