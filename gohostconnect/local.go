package gohostconnect

import (
	"context"
	"sync/atomic"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connectinprocess"
)

// InProcess returns a transport whose calls are answered by the services of r in this
// process, without a network. The calls go through the interceptors of r and of connect,
// and messages are copied. A handler does not see what the caller does not name, such as
// a host.
func (r *Registrar) InProcess() *Transport {
	return &Transport{plain: connectinprocess.New(r.server), kinds: r.kinds, uri: "inprocess:"}
}

// newLocalStream opens a stream within the process.
func (t *Transport) newLocalStream(ctx context.Context, spec connect.Spec) (connect.ClientStream, error) {
	if _, ok := t.kinds[spec.Procedure]; !ok {
		return nil, connect.Errorf(connect.CodeUnimplemented, "unknown method %s", spec.Procedure)
	}
	// connect runs a unary handler on the caller's goroutine, where it could hold up the
	// caller beyond the deadline. It does not do so for streams, and the server goes by
	// the registered type.
	spec.StreamType = connect.StreamTypeBidi
	stream, err := t.plain.NewClientStream(unendingContext{ctx, nil}, spec)
	if err != nil {
		return nil, err
	}
	s := &localStream{ClientStream: stream, call: callerOf(ctx)}
	context.AfterFunc(ctx, s.contextEnded)
	return s, nil
}

// localStream is a stream within a process, where the server reads a message
// after Send has returned.
type localStream struct {
	connect.ClientStream
	call  *clientCall // nil for a client of connect's own generated code
	ended atomic.Bool // the end has been received
}

func (s *localStream) Send(m any) error { return s.ClientStream.Send(cloned(m)) }

func (s *localStream) Receive(m any) error {
	err := s.ClientStream.Receive(m)
	if err != nil {
		s.ended.Store(true)
	}
	return err
}

// contextEnded ends the stream, immediately unless its end can be received.
func (s *localStream) contextEnded() {
	switch {
	case s.ended.Load():
	case s.call != nil && s.call.hasAnswer():
		time.AfterFunc(keptFor, func() { _ = s.Close() })
	default:
		_ = s.Close()
	}
}

// localContext is the context of a handler within a process: it has the values
// of connect's context, and ends with the caller's.
type localContext struct {
	context.Context //nolint:containedctx // it is one
	end             context.Context
}

func (c localContext) Deadline() (time.Time, bool) { return c.end.Deadline() }
func (c localContext) Done() <-chan struct{}       { return c.end.Done() }
func (c localContext) Err() error                  { return c.end.Err() }

// AfterFunc makes derived contexts end together with this one.
func (c localContext) AfterFunc(f func()) (stop func() bool) { return context.AfterFunc(c.end, f) }
