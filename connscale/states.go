package connscale

import (
	"slices"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
)

// update hears of a connection's new state.
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
		then = s.lose(c)
	}
	s.mu.Unlock()
	s.act(then)
}

// outcome is what is to be done when a connection has changed.
type outcome struct {
	tell   bool // the child, of state
	state  balancer.SubConnState
	gone   []*conn // to be shut down; calls may have picked them just before
	listen *conn   // to whose health the subchannel is to listen
}

// act does what is to be done, without the lock: the child may call the subchannel
// when it is told. It is told only by the goroutine on which grpc calls update.
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

// advance takes note of a state of the connection that is to be ready next. Its
// failures are the child's only while there is no other.
func (s *subchannel) advance(state balancer.SubConnState) {
	c := s.next
	c.state, c.err = state.ConnectivityState, state.ConnectionError
	if c.state == connectivity.Ready {
		s.next = nil
		s.becomeReady(c)
		s.conns = append(s.conns, c)
		s.closeLater(s.child.config.Load().idleTimeout)
	}
	for _, c := range s.conns {
		s.serve(c)
	}
	s.open()
}

// lose forgets a connection that has ended, or that the server wants no more calls
// on: those that it has go on. After the last one the child finds the subchannel
// idle, as it would find a SubConn of grpc's, and not in a try that another
// connection had begun.
func (s *subchannel) lose(c *conn) outcome {
	s.conns = slices.DeleteFunc(s.conns, func(other *conn) bool { return other == c })
	then := outcome{gone: []*conn{c}}
	if len(s.conns) > 0 {
		then.listen = s.health.moveTo(s.conns[0])
		s.open()
	} else {
		if s.next != nil {
			then.gone = append(then.gone, s.next)
		}
		s.next, _ = s.newConn() // an error says that the channel is being closed
		then.tell, then.state = true, balancer.SubConnState{ConnectivityState: connectivity.Idle}
	}
	for _, gone := range then.gone {
		gone.forgotten = true
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
