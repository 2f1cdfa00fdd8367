package connscale

import (
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
)

// health is how the child learns whether the server is healthy: from a stream of the
// oldest connection, since all connections are to the same server. grpc opens that stream
// without a pick. So one stream is kept free in every connection, since each may become
// the oldest. See gRFC A17, and A61 for the listener.
type health struct {
	listener func(balancer.SubConnState)
	conn     *conn // that is listened to
	checked  bool  // the server is asked: grpc says so first, by CONNECTING
	moved    bool  // conn is asked in the place of another, and has not answered
}

// moveTo returns c if the child must now listen to its health, as that of the oldest.
func (h *health) moveTo(c *conn) *conn {
	if h.listener == nil || h.conn == c {
		return nil
	}
	h.conn, h.moved = c, true
	return c
}

// RegisterHealthListener tells listener the health of the server while the subchannel is
// ready.
func (s *subchannel) RegisterHealthListener(listener func(balancer.SubConnState)) {
	s.mu.Lock()
	s.health = health{listener: listener}
	s.keep(listener != nil)
	var oldest *conn
	if len(s.conns) > 0 {
		oldest = s.conns[0]
		s.health.conn = oldest
	}
	s.mu.Unlock()
	if oldest != nil {
		s.listen(oldest)
	}
}

// keep sets whether a stream of each connection is kept free of calls.
func (s *subchannel) keep(one bool) {
	s.kept = 0
	if one || s.opts.HealthCheckEnabled {
		s.kept = 1
	}
	s.serveAll()
}

// listen listens to the health that c tells.
func (s *subchannel) listen(c *conn) {
	s.mu.Lock()
	listener := s.health.listener
	s.mu.Unlock()
	if listener == nil {
		c.RegisterHealthListener(nil)
		return
	}
	c.RegisterHealthListener(func(state balancer.SubConnState) {
		if s.heard(c, state.ConnectivityState) {
			listener(state)
		}
	})
}

// heard reports whether the child must learn of state, which c has reported. When another
// connection is asked, the child keeps the old state until that one has answered. If the
// service config wants no health checks, grpc reports only READY, and no stream is kept
// for them.
func (s *subchannel) heard(c *conn, state connectivity.State) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &s.health
	if h.conn != c {
		return false
	}
	if state == connectivity.Connecting {
		h.checked = true
		return !h.moved
	}
	h.moved = false
	if !h.checked {
		s.keep(false)
	}
	return true
}
