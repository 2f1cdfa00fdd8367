package stub

import (
	"time"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/await"
)

// These limits say how long a call that is left may delay its caller, and how much of it
// is received in the background. Interceptors may be slow, or never return an error.
const (
	leaveWithin  = 50 * time.Millisecond
	drainWithin  = 30 * time.Second
	drainAtMost  = 1 << 20 // messages
	targetWithin = time.Second
)

// close ends the RPC, if it has not ended by itself, and releases its resources:
// canceling its context is one of the ways to release a stream that
// grpc.ClientConn.NewStream lists. It receives until the error, into what scratch returns,
// so that interceptors see the end of the call. At most what has arrived is received.
//
// It returns within leaveWithin, and the rest is received in the background. If the call
// has targets of Header, Trailer or Peer, it also waits until grpc has written them, which
// grpc does on a goroutine of its own.
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

// drain receives until the error, within limits.
func (c *call) drain(scratch func() any) {
	start := time.Now()
	for range drainAtMost {
		if c.RecvMsg(scratch()) != nil || time.Since(start) > drainWithin {
			return
		}
	}
}

// finish is called by grpc when it has written the targets. An interceptor may have made
// several streams for the call, and each of them calls it.
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

// awaitTargets waits until nothing writes the targets of the call any more: until grpc
// says so, or everything is received. A connection that is not grpc's might never say so.
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

// hasTargets reports whether grpc writes something for the options of a call when the
// call ends.
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
