package stub

import (
	"time"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/await"
)

// How long a call that is left may hold its caller, and how much is received of
// it behind the caller. Interceptors may be slow, or never return an error.
const (
	leaveWithin  = 50 * time.Millisecond
	drainWithin  = 30 * time.Second
	drainAtMost  = 1 << 20 // messages
	targetWithin = time.Second
)

// close ends the RPC, if it has not ended by itself, and releases what it
// holds: canceling its context is one of the ways to release a stream that
// grpc.ClientConn.NewStream lists. It receives until the error, into what
// scratch returns, so that interceptors see the end of the call. There is no
// more to receive than has arrived.
//
// It returns within leaveWithin; what is left then is received behind it. Where
// the call has targets of Header, Trailer or Peer, it also waits until grpc has
// written them, which it does on a goroutine of its own.
func (c *call) close(scratch func() any) {
	if c.closed {
		return
	}
	c.closed = true
	if c.ended {
		c.cancel()
		// By the error of RecvMsg, if that was grpc's. Otherwise, after one of an
		// interceptor or a second response where there must be one, cancel ends it.
		c.awaitTargets(nil, targetWithin)
		return
	}
	c.forgetFinish()
	c.cancel()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		c.drain(scratch)
	}()
	if !await.Within(drained, leaveWithin) {
		c.awaitTargets(drained, drainWithin)
	}
}

// drain receives until the error, within bounds.
func (c *call) drain(scratch func() any) {
	start := time.Now()
	for range drainAtMost {
		if c.RecvMsg(scratch()) != nil || time.Since(start) > drainWithin {
			return
		}
	}
}

// finish is what grpc calls when it has written the targets. An interceptor may
// have made several streams of the call: each of them does so.
func (c *call) finish(error) {
	select {
	case c.finished <- struct{}{}:
	default:
	}
}

// forgetFinish forgets the streams of the call that have ended so far.
func (c *call) forgetFinish() {
	select {
	case <-c.finished:
	default:
	}
}

// awaitTargets waits until nobody writes the targets of the call any more: grpc
// says so, or all is received. A connection that is not grpc's might never say so.
func (c *call) awaitTargets(drained <-chan struct{}, limit time.Duration) {
	if c.finished == nil {
		return
	}
	select {
	case <-c.finished:
		return
	default:
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-c.finished:
	case <-drained:
	case <-timer.C:
	}
}

// hasTargets tells whether grpc writes something for the options of a call when
// that ends.
func hasTargets(opts []grpc.CallOption) bool {
	for _, opt := range opts {
		switch opt.(type) {
		case grpc.HeaderCallOption, grpc.TrailerCallOption, grpc.PeerCallOption,
			*grpc.HeaderCallOption, *grpc.TrailerCallOption, *grpc.PeerCallOption:
			return true
		}
	}
	return false
}
