package connscale

import "time"

// retryAfter is how long after the beginning of a try to connect the next one
// follows, if its connection has ended before any call on it. grpc's backoff is for
// connections that cannot be made: a server that makes one after another and ends
// them would be dialled without a pause, as long as calls wait.
const retryAfter = time.Second

// pauseAfter sees to it that no other connection is opened too soon after c, which
// has ended. The first one is the business of the child, as in grpc.
func (s *subchannel) pauseAfter(c *conn) {
	left := retryAfter - time.Since(c.began)
	if left > 0 && !c.answered && s.pause == nil {
		s.pause = time.AfterFunc(left, s.endPause)
	}
}

func (s *subchannel) endPause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pause = nil
	s.open()
}

// failing tells whether no other connection can be opened at present.
func (s *subchannel) failing() bool {
	return s.pause != nil || s.next != nil && s.next.err != nil
}
