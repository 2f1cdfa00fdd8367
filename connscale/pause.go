package connscale

import "time"

// retryAfter is the minimum time between the starts of two tries to connect, if the
// first one's connection ended before it answered a call. grpc's backoff applies only
// to connections that cannot be made. Otherwise a server that accepts connections and
// ends them would be dialled without a pause while calls wait.
const retryAfter = time.Second

// pauseAfter prevents another connection from being opened too soon after c, which has
// ended. The child decides when to open the first one, as in grpc.
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
