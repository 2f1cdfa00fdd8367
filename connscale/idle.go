package connscale

import (
	"slices"
	"time"
)

// closeLater makes sure that connections without calls are looked for after d, if
// there are any beyond the oldest, which stays.
func (s *subchannel) closeLater(d time.Duration) {
	if s.idle == nil && len(s.conns) > 1 {
		s.idle = time.AfterFunc(d, s.closeIdle)
	}
}

// closeIdle closes the connections that have been without calls for the idle
// timeout. No call can have picked one of them: that would count as its stream.
func (s *subchannel) closeIdle() {
	s.mu.Lock()
	idle := s.takeIdle()
	s.mu.Unlock()
	for _, c := range idle {
		c.Shutdown()
	}
}

// takeIdle forgets the connections that are to be closed now, and returns them.
func (s *subchannel) takeIdle() []*conn {
	s.idle = nil
	if len(s.conns) == 0 || s.closed {
		return nil
	}
	timeout := s.child.config.Load().idleTimeout
	var idle []*conn
	var soonest time.Duration // until the next one is to be closed, or 0
	for _, c := range s.conns[1:] {
		if c.streams > 0 {
			continue // closeLater follows its last call
		}
		left := timeout - time.Since(c.idleSince)
		if left <= 0 {
			c.forgotten = true
			idle = append(idle, c)
		} else if soonest == 0 || left < soonest {
			soonest = left
		}
	}
	s.conns = slices.DeleteFunc(s.conns, func(c *conn) bool { return c.forgotten })
	if soonest > 0 {
		s.closeLater(soonest)
	}
	return idle
}
