package stream

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/caught"
)

// limitedStream is a stream whose handler waits for a request only for a limited time.
//
// Only the context can wake a RecvMsg of grpc, and grpc lets no interceptor end that
// context. So a goroutine receives, and the handler waits for it.
type limitedStream struct {
	grpc.ServerStream
	patience
	ctx     context.Context
	cancel  context.CancelCauseFunc
	silence *silenceError
	over    chan struct{} // closed when the handler has returned

	expired atomic.Bool // silence has ended the stream
	direct  atomic.Bool // there is no limit any more

	mu      sync.Mutex // held while receiving
	broken  error      // not nil if nothing receives any more
	timer   *time.Timer
	into    chan any // nil before the goroutine is started
	arrived chan arrival
}

// arrival is the result of a RecvMsg.
type arrival struct {
	err   error
	raise func() // continues its panic or Goexit
}

func newLimitedStream(ss grpc.ServerStream, p patience) *limitedStream {
	s := &limitedStream{ServerStream: ss, patience: p, silence: &silenceError{what: p.what, d: p.d}, over: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancelCause(ss.Context())
	return s
}

// Context ends with the stream, or with silence as its cause.
func (s *limitedStream) Context() context.Context { return s.ctx }

// SendMsg sends m, unless silence has ended the stream. So handlers that only check
// the result of sending end as well.
func (s *limitedStream) SendMsg(m any) error {
	if s.expired.Load() {
		return s.silence
	}
	return s.ServerStream.SendMsg(m)
}

// RecvMsg receives into m, or returns an error if that takes too long.
func (s *limitedStream) RecvMsg(m any) error {
	if s.direct.Load() {
		return s.ServerStream.RecvMsg(m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	if s.into == nil {
		s.into, s.arrived = make(chan any), make(chan arrival, 1)
		s.timer = time.NewTimer(s.d)
		go s.receive()
	} else {
		s.timer.Reset(s.d)
	}
	defer s.timer.Stop()
	select {
	case s.into <- m:
	case <-s.over:
		return status.Error(codes.Canceled, "stream: the handler has returned")
	}
	a, ok := s.await()
	switch {
	case !ok:
		s.broken = s.silence
		s.expired.Store(true)
		s.cancel(s.silence)
		return s.silence
	case a.raise != nil:
		s.broken = status.Error(codes.Internal, "stream: receiving a request panicked")
		a.raise()
	case s.first:
		s.direct.Store(true)
		close(s.into)
	}
	return a.err
}

// await returns what has arrived, or false if that takes too long.
func (s *limitedStream) await() (arrival, bool) {
	select {
	case a := <-s.arrived:
		return a, true
	case <-s.timer.C:
	}
	select { // if two cases are ready, select chooses either
	case a := <-s.arrived:
		return a, true
	default:
		return arrival{}, false
	}
}

// receive receives into the messages from s.into, until the handler has returned.
func (s *limitedStream) receive() {
	for {
		select {
		case m, ok := <-s.into:
			if !ok {
				return
			}
			s.receiveInto(m)
		case <-s.over:
			return
		}
	}
}

func (s *limitedStream) receiveInto(m any) {
	var a arrival
	returned := false
	defer func() {
		if !returned {
			r := recover()
			caught.Log("gohost: receiving a request", r)
			a.raise = func() { caught.Raise(r) }
		}
		s.arrived <- a // there is room
	}()
	a.err = s.ServerStream.RecvMsg(m)
	returned = true
}

// outcome returns the error of a handler that has returned err. A handler that has
// ended because of silence gets that status. It must not look as if the client had
// canceled, nor as if it had ended well.
func (s *limitedStream) outcome(err error) error {
	if s.expired.Load() && (err == nil || isCanceled(err)) {
		return s.silence
	}
	return err
}

// close records that the handler has returned. A RecvMsg that still waits returns when
// grpc has sent the status.
func (s *limitedStream) close() {
	close(s.over)
	s.cancel(nil)
}
