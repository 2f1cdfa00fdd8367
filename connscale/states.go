package connscale

import (
	"slices"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
)

// update handles a connection's new state.
func (s *subchannel) update(c *conn, state balancer.SubConnState) {
	s.mu.Lock()
	then := outcome{state: state}
	switch {
	case state.ConnectivityState == connectivity.Shutdown:
		then.tell = s.closed && !s.ended
		s.ended = s.closed
	case c.forgotten:
	case c == s.next:
		then.tell = len(s.conns) == 0
		s.advance(state)
	case state.ConnectivityState != connectivity.Ready:
		s.pauseAfter(c)
		then = s.lose(c)
	}
	s.mu.Unlock()
	s.act(then)
}

// outcome is what must be done when a connection has changed.
type outcome struct {
	tell   bool // the child, of state
	state  balancer.SubConnState
	gone   []*conn // to be shut down; calls may have picked them just before
	listen *conn   // to whose health the subchannel is to listen
}

// act does it, without the lock: the child may call the subchannel when it is told. Only
// the goroutine on which grpc calls update tells it.
func (s *subchannel) act(then outcome) {
	for _, gone := range then.gone {
		gone.Shutdown()
	}
	if then.listen != nil {
		s.listen(then.listen)
	}
	if then.tell {
		s.tell(then.state)
	}
	if len(then.gone) > 0 {
		s.child.republish()
	}
}

// advance records a state of the connection that will be ready next. Its failures reach
// the child only if there is no other connection.
func (s *subchannel) advance(state balancer.SubConnState) {
	c := s.next
	c.state = state.ConnectivityState
	switch {
	case c.state == connectivity.Ready:
		s.next = nil
		s.becomeReady(c)
		s.conns = append(s.conns, c)
		s.closeLater(s.child.config.Load().idleTimeout)
	case c.state == connectivity.TransientFailure:
		c.err = state.ConnectionError
	case c.state == connectivity.Idle && state.ConnectionError == nil: // not after a backoff
		s.pauseAfter(c)
	}
	s.serveAll()
	s.open()
}

// lose forgets connections that have ended, or must get no more calls. Their open calls
// continue. After the last connection the child finds the subchannel idle, like a SubConn
// of grpc, and not in a try that another connection had begun.
func (s *subchannel) lose(lost ...*conn) outcome {
	then := outcome{gone: lost}
	s.conns = slices.DeleteFunc(s.conns, func(c *conn) bool { return slices.Contains(lost, c) })
	if len(s.conns) > 0 {
		then.listen = s.health.moveTo(s.conns[0])
		s.serveAll() // worn connections take calls if others cannot be opened now
		s.open()
	} else {
		if s.next != nil {
			then.gone = append(then.gone, s.next)
		}
		s.next, _ = s.newConn() // an error says that there is no address, or no channel soon
		then.tell, then.state = true, balancer.SubConnState{ConnectivityState: connectivity.Idle}
	}
	for _, c := range then.gone {
		c.forgotten = true
	}
	return then
}

// tell tells the child the state of the subchannel.
func (s *subchannel) tell(state balancer.SubConnState) {
	if s.opts.StateListener != nil {
		s.opts.StateListener(state)
		return
	}
	s.child.policy.UpdateSubConnState(s, state) //nolint:staticcheck // for policies without a listener
}
