package connscale

import (
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
)

// health is how the child learns whether the server is healthy: by a stream of the
// oldest connection, since all are to the same server. grpc opens that stream
// without a pick, so one is kept free in every connection: each may become the
// oldest. See gRFC A17, and A61 for the listener.
type health struct {
	listener func(balancer.SubConnState)
	conn     *conn // that is listened to
	checked  bool  // the server is asked: grpc says so first, by CONNECTING
	moved    bool  // conn is asked in the place of another, and has not answered
}

// moveTo returns c if its health is to be listened to now, as the oldest.
func (h *health) moveTo(c *conn) *conn {
	if h.listener == nil || h.conn == c {
		return nil
	}
	h.conn, h.moved = c, true
	return c
}

// RegisterHealthListener makes listener hear of the health of the server while the
// subchannel is ready.
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

// keep says whether a stream of each connection is kept free of calls.
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

// heard tells whether the child is to hear of state, which c has told. When another
// connection is asked, the child keeps what it knows until that has answered. If
// the service config wants no health checks, grpc says READY and nothing else; then
// no stream is kept for them.
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
