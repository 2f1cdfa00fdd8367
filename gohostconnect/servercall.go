package gohostconnect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// longAgo is a deadline in the past.
var longAgo = time.Unix(1, 0)

// serverCall is one RPC of a server, a stream in grpc's terms.
type serverCall struct {
	ctx    context.Context //nolint:containedctx // a grpc.ServerStream has one
	cancel context.CancelFunc
	spec   connect.Spec
	stream connect.ServerStream
	info   *connect.CallInfo
	wire   *wire       // nil within a process
	caller *clientCall // nil unless within a process

	mu         sync.Mutex
	idle       sync.Cond // receiving and sending are false
	header     metadata.MD
	headerSent bool
	trailer    metadata.MD
	over       bool  // ctx has ended
	forced     error // if not nil, the end of the call, whatever its handler returns
	returned   bool  // the handler has returned
	receiving  bool
	sending    bool
	cut        bool // receiving was interrupted

	gotAll atomic.Bool // there is nothing more to receive
}

// newServerCall returns the call of ctx, connect's context. The caller must end it.
func newServerCall(ctx context.Context, spec connect.Spec, stream connect.ServerStream) (*serverCall, error) {
	info, ok := connect.CallInfoForServerContext(ctx)
	if !ok {
		return nil, status.Errorf(codes.Internal, "gohostconnect: %s is not called through connect.Server", spec.Procedure)
	}
	c := &serverCall{spec: spec, stream: stream, info: info, caller: callerOf(ctx)}
	c.idle.L = &c.mu
	c.wire, _ = ctx.Value(wireKey{}).(*wire)
	if c.wire == nil && c.caller == nil {
		return nil, status.Errorf(codes.Internal, "gohostconnect: %s must be served by gohostconnect.NewHandler or Registrar.InProcess: "+
			"nothing else can end a handler that waits for its client", spec.Procedure)
	}
	md, err := metadataOf(info.RequestHeader())
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if host := info.RequestHeader().Get("Host"); host != "" {
		md[":authority"] = []string{host}
	}
	if c.caller != nil {
		ctx = localContext{ctx, c.caller.ctx}
	}
	ctx, c.cancel = context.WithCancel(withoutCaller(ctx))
	ctx = metadata.NewIncomingContext(ctx, md)
	ctx = peer.NewContext(ctx, peerOfClient(ctx, info))
	c.ctx = grpc.NewContextWithServerTransportStream(ctx, transportStream{c})
	context.AfterFunc(c.ctx, c.interrupt)
	if c.wire != nil && spec.StreamType == connect.StreamTypeClient {
		c.wire.letAnswerEarly()
	}
	return c, nil
}

// interrupt wakes goroutines that wait for the client when the context has
// ended: net/http knows neither the deadline of a call nor that its handler has
// returned.
func (c *serverCall) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.wire == nil {
		return // connect's transport within the process watches the client's context
	}
	if c.receiving {
		c.cut = true
		_ = c.wire.SetReadDeadline(longAgo) // wireOf has seen that it can
	}
	if c.sending {
		_ = c.wire.SetWriteDeadline(longAgo)
	}
}

// end ends the call, whose handler has returned. It waits for goroutines of the
// handler that are still in a call of connect, which does not allow concurrent
// use.
func (c *serverCall) end() {
	c.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.wire != nil && (c.receiving || c.sending) {
		c.idle.Wait()
	}
	if c.wire != nil && !c.gotAll.Load() {
		c.wire.leaveRest()
	}
	if c.cut {
		c.wire.closeBehind()
	}
	c.putHeader()
	c.putTrailer()
	c.over = true
	if c.caller != nil && !c.returned {
		c.caller.broken.Store(true)
	}
}

// outcome returns the end of a call whose handler has returned err.
func (c *serverCall) outcome(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forced != nil {
		err = c.forced
	}
	c.returned = true
	if c.caller != nil {
		c.caller.answered()
	}
	return connectErrorOf(err)
}

// putTrailer passes the trailer to connect. The call is locked.
func (c *serverCall) putTrailer() {
	addTo(c.info.ResponseTrailer(), c.trailer)
	c.trailer = nil
}

// Context returns the context of the call.
func (c *serverCall) Context() context.Context { return c.ctx }

// SetHeader adds md to the header, which is sent with the first message, or at the end.
func (c *serverCall) SetHeader(md metadata.MD) error {
	if err := check(md); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.setHeader(md)
}

func (c *serverCall) setHeader(md metadata.MD) error {
	if c.headerSent {
		return fmt.Errorf("gohostconnect: %s: the header has been sent", c.spec.Procedure)
	}
	c.header = metadata.Join(c.header, md)
	return nil
}

// SendHeader adds md to the header and sends it, if the protocol allows: the
// header of a unary call is sent with its answer.
func (c *serverCall) SendHeader(md metadata.MD) error {
	if err := check(md); err != nil {
		return err
	}
	c.mu.Lock()
	err := c.setHeader(md)
	if err == nil {
		c.putHeader()
	}
	c.mu.Unlock()
	if err != nil || c.caller != nil || c.spec.StreamType == connect.StreamTypeUnary {
		return err
	}
	return c.send(c.stream.SendHeaders)
}

// SetTrailer adds md to the trailer.
func (c *serverCall) SetTrailer(md metadata.MD) {
	if err := check(md); err != nil {
		grpclog.Errorf("gohostconnect: %s: SetTrailer: %v", c.spec.Procedure, err) // like grpc
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trailer = metadata.Join(c.trailer, md)
}

// putHeader passes the header to connect or, within a process, to the caller. The call is
// locked.
func (c *serverCall) putHeader() {
	if c.headerSent {
		return
	}
	c.headerSent = true
	if c.caller != nil {
		c.caller.headerArrived(sentOf(c.header))
	}
	addTo(c.info.ResponseHeader(), c.header)
}

// SendMsg sends a response. When it returns, the message belongs to the handler
// again.
func (c *serverCall) SendMsg(m any) error {
	c.mu.Lock()
	c.putHeader()
	if c.spec.StreamType == connect.StreamTypeUnary {
		c.putTrailer() // everything is sent with the one response
	}
	c.mu.Unlock()
	if c.caller != nil {
		m = cloned(m) // the caller copies it later
	}
	return c.send(func() error { return c.stream.Send(m) })
}

func (c *serverCall) send(f func() error) error { return c.wait(&c.sending, f) }

// RecvMsg receives a request into m. It returns io.EOF when the client has
// half-closed.
func (c *serverCall) RecvMsg(m any) error {
	one := c.spec.StreamType&connect.StreamTypeClient == 0
	return c.wait(&c.receiving, func() error {
		if c.gotAll.Load() {
			return io.EOF
		}
		err := c.stream.Receive(m)
		if err == nil && c.wire != nil {
			emptyIfEmpty(m, c.info)
		}
		if errors.Is(err, io.EOF) || err == nil && one {
			c.gotAll.Store(true)
		}
		return err
	})
}

// wait calls f, which may wait for the client until the context ends. It
// returns the error of f as the status of the call, or io.EOF. doing is set
// meanwhile.
func (c *serverCall) wait(doing *bool, f func() error) error {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return status.FromContextError(c.ctx.Err()).Err()
	}
	*doing = true
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		*doing = false
		c.idle.Broadcast()
	}()
	switch err := f(); {
	case err == nil:
		return nil
	case c.caller != nil && c.caller.ctx.Err() != nil: // f has an io.EOF
		<-c.ctx.Done() // it follows
		return status.FromContextError(c.caller.ctx.Err()).Err()
	case c.ctx.Err() != nil:
		return status.FromContextError(c.ctx.Err()).Err()
	case errors.Is(err, io.EOF):
		return io.EOF
	default:
		if c.wire != nil && c.wire.lost.Load() {
			c.cancel() // over HTTP/1.1, net/http does not while the request is incomplete
			return status.FromContextError(context.Canceled).Err()
		}
		return statusOf(err)
	}
}

// transportStream is what grpc.SetHeader and the like find in a handler's context.
type transportStream struct{ *serverCall }

// Method returns the full name of the method.
func (s transportStream) Method() string { return s.spec.Procedure }

// SetTrailer adds md to the trailer.
func (s transportStream) SetTrailer(md metadata.MD) error {
	if err := check(md); err != nil {
		return err
	}
	s.serverCall.SetTrailer(md)
	return nil
}

// WriteStatus ends the call with end while its handler runs: the context ends, and
// everything that waits for the client returns. Package drain uses it to end a handler
// that does not notice the end of its server. grpc's own streams have it too.
func (s transportStream) WriteStatus(end *status.Status) error {
	s.mu.Lock()
	s.forced = end.Err()
	s.mu.Unlock()
	s.cancel()
	return nil
}
