package connscale

import (
	"slices"
	"time"
)

// closeLater makes sure that connections without calls are checked after d, if there are
// several.
func (s *subchannel) closeLater(d time.Duration) {
	if s.idle == nil && len(s.conns) > 1 {
		s.idle = time.AfterFunc(d, s.closeIdle)
	}
}

// closeIdle closes the connections that have been without calls for the idle
// timeout. No call can have picked one of them: that would count as its stream.
func (s *subchannel) closeIdle() {
	s.mu.Lock()
	s.idle = nil
	var then outcome
	if len(s.conns) > 1 {
		then = s.lose(s.idleConns()...)
	}
	s.mu.Unlock()
	s.act(then)
}

// idleConns returns the connections to close now, and has the next ones closed in time.
// The oldest stays or, if that is worn, the oldest that is not.
func (s *subchannel) idleConns() []*conn {
	stays := s.conns[max(0, slices.IndexFunc(s.conns, func(c *conn) bool { return !c.worn() }))]
	timeout := s.child.config.Load().idleTimeout
	var idle []*conn
	var soonest time.Duration // until the next one, or 0
	for _, c := range s.conns {
		if c == stays || c.streams > 0 {
			continue // closeLater follows its last call
		}
		left := timeout - time.Since(c.idleSince)
		if left <= 0 {
			idle = append(idle, c)
		} else if soonest == 0 || left < soonest {
			soonest = left
		}
	}
	if soonest > 0 {
		s.closeLater(soonest)
	}
	return idle
}
