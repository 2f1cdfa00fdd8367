package connscale

import (
	"math"
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/resolver"

	"github.com/gohostrpc/gohost/internal/streamlimit"
)

// conn is one connection of a subchannel. It connects until it has been ready once, and
// is forgotten when it is no longer ready. The subchannel's lock protects its fields.
type conn struct {
	balancer.SubConn
	limit streamlimit.Limit
	done  func(balancer.DoneInfo) // the same for all calls, to save allocations

	state     connectivity.State
	err       error     // of the last failed try
	began     time.Time // when it began to connect beside others
	allowed   int       // streams that the server allows; known when ready
	streams   int       // in use by calls
	calls     int       // so far
	lifetime  int       // how many calls it should get; 0 means any number
	answered  bool      // the server has answered a call that has ended
	idleSince time.Time // since when it has had no calls
	forgotten bool      // it gets no more calls
}

// newConn returns a connection of s that waits to be told to connect.
func (s *subchannel) newConn() (*conn, error) {
	c := &conn{state: connectivity.Idle}
	c.done = func(info balancer.DoneInfo) { s.release(c, info) }
	opts := s.opts
	opts.StateListener = func(state balancer.SubConnState) { s.update(c, state) }
	var err error
	if c.SubConn, err = s.child.ClientConn.NewSubConn(c.watch(s.addrs), opts); err != nil { //nolint:staticcheck // it is the only way, only several addresses are deprecated
		return nil, err
	}
	return c, nil
}

// watch returns addrs such that the handshake with one of them tells c's limit.
func (c *conn) watch(addrs []resolver.Address) []resolver.Address {
	watched := make([]resolver.Address, len(addrs))
	for i, addr := range addrs {
		watched[i] = streamlimit.Attach(addr, &c.limit)
	}
	return watched
}

// becomeReady records what the server allows.
func (s *subchannel) becomeReady(c *conn) {
	c.lifetime = s.lifetime.expected()
	c.allowed = s.child.config.Load().streamLimit
	if limit, ok := c.limit.Get(); ok {
		c.allowed = int(min(limit, math.MaxInt32))
	}
	c.idleSince = time.Now()
}

// use gives a stream of c to a call.
func (c *conn) use() {
	c.streams++
	c.calls++
}

// giveBack gives back the stream of a call, which counts if it was sent.
func (c *conn) giveBack(info balancer.DoneInfo) {
	c.streams--
	if !info.BytesSent {
		c.calls--
	}
	if info.BytesReceived {
		c.answered = true
	}
}
