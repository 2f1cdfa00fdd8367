package connscale

import "time"

// retryAfter is the minimum time between the beginnings of two tries to connect, if the
// first connection has ended before any call on it. grpc's backoff is only for connections
// that cannot be made. A server that accepts and ends connections would be dialled without
// a pause, as long as calls wait.
const retryAfter = time.Second

// pauseAfter makes sure that no other connection is opened too soon after c, which has
// ended. The child decides about the first one, as in grpc.
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

// failing reports whether no other connection can be opened at present.
func (s *subchannel) failing() bool {
	return s.pause != nil || s.next != nil && s.next.err != nil
}
