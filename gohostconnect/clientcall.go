package gohostconnect

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// leftAfter is how long a call whose context has ended waits for RecvMsg.
const leftAfter = 20 * time.Millisecond

// clientCall is one RPC of a client, a stream in grpc's terms.
type clientCall struct {
	conn   *conn
	ctx    context.Context //nolint:containedctx // a grpc.ClientStream has one
	cancel context.CancelFunc
	spec   connect.Spec
	opts   callOptions
	info   *connect.CallInfo
	stream connect.ClientStream

	arrived chan struct{} // closed when there is a header, or none will come
	ended   chan struct{} // closed when trailer and err are set

	requested atomic.Bool // net/http has the request
	broken    atomic.Bool // within a process: the handler's goroutine has exited

	mu        sync.Mutex
	header    metadata.MD
	came      bool // arrived is closed
	peer      peer.Peer
	receiving bool // a RecvMsg is running
	left      bool // none was running when the context ended
	answer    bool // within a process: the handler has returned
	over      bool // ended is closed
	trailer   metadata.MD
	err       error // how the call ended; nil is OK
}

// callerKey is the key of a clientCall in the context of its request.
type callerKey struct{}

// callerOf returns the call whose request has the context ctx, or nil.
func callerOf(ctx context.Context) *clientCall {
	c, _ := ctx.Value(callerKey{}).(*clientCall)
	return c
}

// withoutCaller returns the context for a handler, without the caller's call:
// the handler's own calls are others.
func withoutCaller(ctx context.Context) context.Context {
	if callerOf(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, callerKey{}, (*clientCall)(nil))
}

// newClientCall returns a call of method that has not begun. The caller must
// end it.
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
		spec:    o.tune(specOf(method, kind)),
		arrived: make(chan struct{}), ended: make(chan struct{}),
	}
	if c.transport.kinds != nil {
		call.peer = peer.Peer{Addr: inProcess{}, LocalAddr: inProcess{}}
	}
	call.ctx, call.cancel = context.WithCancel(ctx)
	call.ctx, call.info = connect.NewClientContext(context.WithValue(call.ctx, callerKey{}, call))
	addTo(call.info.RequestHeader(), md)
	if o.host != "" {
		call.info.RequestHeader().Set("Host", o.host)
	}
	context.AfterFunc(call.ctx, call.contextEnded)
	return call, nil
}

// answered says that the handler has returned, within a process.
func (c *clientCall) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = c.ctx.Err() == nil
}

// hasAnswer reports whether the handler returned before the context ended.
func (c *clientCall) hasAnswer() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answer
}

// contextEnded ends a call that the caller has left. A call with a running RecvMsg ends
// with what has arrived.
func (c *clientCall) contextEnded() {
	c.mu.Lock()
	over := c.over
	c.mu.Unlock()
	if over {
		return
	}
	time.AfterFunc(leftAfter, func() {
		c.mu.Lock()
		left := !c.receiving && !c.over
		c.left = c.left || left
		c.mu.Unlock()
		if left {
			c.end(status.FromContextError(c.ctx.Err()).Err(), nil)
		}
	})
}

// headerArrived says that the header of the call is there or, if md is nil, that none
// will come.
func (c *clientCall) headerArrived(md metadata.MD) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.came {
		c.came = true
		c.header = md
		close(c.arrived)
	}
}

// peerKnown sets the peer that the call has reached.
func (c *clientCall) peerKnown(local, remote net.Addr, state *tls.ConnectionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peer = peer.Peer{Addr: remote, LocalAddr: local, AuthInfo: authInfoOf(state)}
}

// Header waits for the header and returns it. It is nil if the call ends without one.
func (c *clientCall) Header() (metadata.MD, error) {
	select {
	case <-c.arrived:
	case <-c.ended:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.came {
		return copyOf(c.header), nil
	}
	return nil, c.err
}

// Trailer returns the trailer of a call that has ended.
func (c *clientCall) Trailer() metadata.MD {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trailer.Copy()
}

// Context returns the context of the call.
func (c *clientCall) Context() context.Context { return c.ctx }

// CloseSend half-closes the call. It returns nil: RecvMsg says how a call has ended.
func (c *clientCall) CloseSend() error {
	if c.ctx.Err() == nil { // an abandoned call must not look complete
		_ = c.stream.CloseSend()
	}
	return nil
}

// SendMsg sends a request. When it returns, the message belongs to the caller
// again. It returns io.EOF when the call has ended; RecvMsg then returns the
// status.
func (c *clientCall) SendMsg(m any) error {
	if err := checkSize("send", m, c.opts.maxSend); err != nil {
		return c.fail(err)
	}
	err := c.stream.Send(m)
	switch {
	case err == nil:
		return nil
	case c.ctx.Err() != nil || errors.Is(err, io.EOF):
		return io.EOF
	}
	// The message could not be encoded, or is too large.
	var e *connect.Error
	if errors.As(err, &e) && (e.Code() == connect.CodeInternal || e.Code() == connect.CodeResourceExhausted) && !e.IsRemote() {
		return c.fail(c.errorOf(err))
	}
	return io.EOF
}

// RecvMsg receives a response into m. When the call has ended, it returns
// io.EOF for success, or else the status.
func (c *clientCall) RecvMsg(m any) error {
	if err := c.beginReceive(); err != nil {
		return err
	}
	defer c.endReceive()
	err := c.receive(m)
	if err == nil && c.spec.StreamType&connect.StreamTypeServer != 0 {
		return nil
	}
	return c.ends(err)
}

// beginReceive returns nil if there may be more to receive. If the call has ended, it
// returns io.EOF for success, or else the status.
func (c *clientCall) beginReceive() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.over || c.left:
		c.receiving = true
		return nil
	case c.err != nil:
		return c.err
	}
	return io.EOF
}

func (c *clientCall) endReceive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.receiving = false
}

// receive receives into m. If there is only one response, it also receives the
// end of the call. It returns the result of RecvMsg.
func (c *clientCall) receive(m any) error {
	many := c.spec.StreamType&connect.StreamTypeServer != 0
	err := c.stream.Receive(m)
	if isEnd(err) && c.broken.Load() { // connect sees a clean end
		return c.errorOf(connect.Errorf(connect.CodeInternal, "%s: the handler's goroutine has exited", c.spec.Procedure))
	}
	if err == nil && c.conn.transport.kinds == nil {
		emptyIfEmpty(m, c.info)
	}
	if err == nil {
		if tooLarge := checkSize("receive", m, c.opts.maxReceive); tooLarge != nil {
			return tooLarge
		}
	}
	switch {
	case err == nil && many:
		return nil
	case err == nil:
		// That was the response, and this must be the end.
		if err = c.stream.Receive(cleared(m)); err == nil {
			return status.Errorf(codes.Internal, "gohostconnect: %s: more than one response", c.spec.Procedure)
		}
		if isEnd(err) {
			return nil
		}
	case isEnd(err) && many:
		return io.EOF
	case isEnd(err):
		return status.Errorf(codes.Internal, "gohostconnect: %s: no response", c.spec.Procedure)
	}
	return c.errorOf(err)
}

// isEnd reports whether err is a clean end. An error of a server in this process wraps
// its cause, which may be another io.EOF.
func isEnd(err error) bool {
	var e *connect.Error
	return errors.Is(err, io.EOF) && (!errors.As(err, &e) || !e.IsRemote())
}

// ends ends the call with the received error, and returns its end.
func (c *clientCall) ends(received error) error {
	err := received
	if err == io.EOF {
		err = nil
	}
	info := c.info
	if c.conn.transport.kinds != nil && err != nil && !c.hasAnswer() {
		info = nil // connect writes it when the handler has returned
	}
	c.end(err, info)
	<-c.ended
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left { // the received end takes precedence
		c.left, c.err = false, err
	}
	if c.err != nil {
		return c.err
	}
	return received
}

// fail ends the call with err and returns err.
func (c *clientCall) fail(err error) error {
	c.end(err, nil)
	return err
}

// end ends the call once, with err or with OK if err is nil. info is connect's
// information about the call, or nil if connect may still write it.
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
	c.cancel()
	for _, f := range c.opts.onFinish {
		f(err)
	}
}

// fillTargets writes the values that the options of the call request. The call
// is locked.
func (c *clientCall) fillTargets() {
	for _, target := range c.opts.headers {
		*target = copyOf(c.header)
	}
	for _, target := range c.opts.trailers {
		*target = c.trailer.Copy() // never nil, like in grpc
	}
	for _, target := range c.opts.peers {
		if c.peer.Addr != nil {
			*target = c.peer
		}
	}
}

// copyOf returns a copy of md, or nil if md is nil.
func copyOf(md metadata.MD) metadata.MD {
	if md == nil {
		return nil
	}
	return md.Copy()
}

// errorOf returns an error of connect as the status of the call. A local error that the
// end of the context caused has the status of the context. So has Canceled from a server:
// it has seen the client leave at the deadline, and over HTTP/1.1 its answer may still
// arrive.
func (c *clientCall) errorOf(err error) error {
	var e *connect.Error
	remote := errors.As(err, &e) && e.IsRemote()
	if remote && e.Code() != connect.CodeCanceled {
		return statusOf(err)
	}
	if ended := endOf(c.ctx); ended != nil {
		return status.FromContextError(ended).Err()
	}
	if remote {
		return statusOf(err)
	}
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		// connect takes this as a client that has gone, on both sides.
		return status.Error(codes.Unavailable, err.Error())
	}
	return statusOf(err)
}

// endOf returns why ctx has ended. A server may end a call at its deadline before the
// timer of ctx has fired.
func endOf(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}
