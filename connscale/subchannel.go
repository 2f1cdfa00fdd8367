package connscale

import (
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/resolver"
)

// subchannel is the SubConn that a child policy has. It stands for several connections to
// one address, as in gRFC A105. To the child it is ready while any of them is. While none
// is, it has the state of the one that will be the first. When the last one ends, it is
// idle, and everything starts anew.
//
// Its methods may be called concurrently. grpc calls update one after another.
type subchannel struct {
	balancer.SubConn // the first connection's: grpc requires one. Its methods are all overridden
	child            *child
	opts             balancer.NewSubConnOptions

	mu       sync.Mutex
	addrs    []resolver.Address
	conns    []*conn // those that are ready, the oldest first
	next     *conn   // connecting or about to; not nil if conns is empty
	queue    queue
	kept     int // streams of each connection that are kept free of calls
	lifetime lifetime
	health   health
	idle     *time.Timer // until an idle connection may be closed, or nil
	pause    *time.Timer // until another connection may be opened, after one that ended too soon, or nil
	closed   bool
	ended    bool // the child knows that it is closed
}

func newSubchannel(c *child, addrs []resolver.Address, opts balancer.NewSubConnOptions) (*subchannel, error) {
	s := &subchannel{child: c, opts: opts, addrs: addrs}
	s.keep(false)
	var err error
	if s.next, err = s.newConn(); err != nil {
		return nil, err
	}
	s.SubConn = s.next.SubConn
	return s, nil
}

// take takes a stream of the oldest connection with room. If there is none, it returns a
// place in the queue or, without any connection, nothing.
func (s *subchannel) take() (*conn, *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) == 0 {
		return nil, nil
	}
	for _, c := range s.conns {
		if !s.room(c) {
			continue
		}
		if c.worn() {
			s.openAnother()
		}
		c.use()
		return c, nil
	}
	w := s.queue.push()
	s.open()
	return nil, w
}

// room reports whether c takes one more call. A worn connection does only if no other
// connection can be opened.
func (s *subchannel) room(c *conn) bool {
	return c.streams < c.allowed-s.kept && (!c.worn() || s.failing())
}

// release gives back a stream of c, to the call that waits first, if there is one.
func (s *subchannel) release(c *conn, info balancer.DoneInfo) {
	s.mu.Lock()
	s.wear(c, info)
	c.giveBack(info)
	var then outcome
	if !c.forgotten {
		s.serve(c)
		s.open() // the others may be worn now
		if c.streams == 0 && len(s.conns) > 1 {
			then = s.rest(c)
		}
	}
	s.mu.Unlock()
	s.act(then)
}

// rest makes sure that a connection without calls is closed: later, or now if it is worn.
func (s *subchannel) rest(c *conn) outcome {
	if c.worn() {
		return s.lose(c)
	}
	c.idleSince = time.Now()
	s.closeLater(s.child.config.Load().idleTimeout)
	return outcome{}
}

// leave gives up a place in the queue, or the stream that came with it.
func (s *subchannel) leave(w *waiter) {
	s.mu.Lock()
	c := s.queue.remove(w)
	s.mu.Unlock()
	if c != nil {
		s.release(c, balancer.DoneInfo{})
	}
}

// serve gives the free streams of c to waiting calls.
func (s *subchannel) serve(c *conn) {
	for s.queue.len() > 0 && s.room(c) {
		s.queue.serve(c)
	}
}

// serveAll gives all free streams to waiting calls.
func (s *subchannel) serveAll() {
	for _, c := range s.conns {
		s.serve(c)
	}
}

// reconfigured opens another connection for waiting calls, if more are allowed now.
func (s *subchannel) reconfigured() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open()
}

// open opens one more connection if calls wait and it may.
func (s *subchannel) open() {
	if s.queue.len() > 0 {
		s.openAnother()
	}
}

// openAnother opens one more connection if that is allowed. After a failed try grpc's
// backoff applies: the connection is idle again only when that is over.
func (s *subchannel) openAnother() {
	if len(s.conns) == 0 || s.unworn() >= s.child.config.Load().maxConnections || s.pause != nil {
		return
	}
	if s.next == nil {
		var err error
		if s.next, err = s.newConn(); err != nil {
			return // the channel is being closed
		}
	}
	if s.next.state == connectivity.Idle {
		s.next.state, s.next.began = connectivity.Connecting, time.Now()
		s.next.Connect()
	}
}

// unworn returns the number of connections that are not about to end.
func (s *subchannel) unworn() int {
	n := 0
	for _, c := range s.conns {
		if !c.worn() {
			n++
		}
	}
	return n
}

// Connect connects if there is no connection.
func (s *subchannel) Connect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) == 0 && s.next != nil {
		s.next.Connect()
	}
}

// UpdateAddresses changes the addresses of the connections. A connection whose address is
// not among them ends with its calls.
func (s *subchannel) UpdateAddresses(addrs []resolver.Address) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addrs = addrs
	for _, c := range s.all() {
		c.UpdateAddresses(c.watch(addrs)) //nolint:staticcheck // deprecated, and still to be implemented
	}
	if s.next == nil && len(s.conns) == 0 && !s.closed { // there was no address; grpc goes on to connect
		if s.next, _ = s.newConn(); s.next != nil {
			s.next.Connect()
		}
	}
}

// GetOrBuildProducer returns a producer of the oldest connection, and ends with it.
func (s *subchannel) GetOrBuildProducer(b balancer.ProducerBuilder) (balancer.Producer, func()) {
	s.mu.Lock()
	oldest := s.SubConn
	if all := s.all(); len(all) > 0 {
		oldest = all[0].SubConn
	}
	s.mu.Unlock()
	return oldest.GetOrBuildProducer(b)
}

// Shutdown forgets all connections. Each ends with its calls.
func (s *subchannel) Shutdown() {
	s.mu.Lock()
	all := s.all()
	s.closed = true
	for _, c := range all {
		c.forgotten = true
	}
	s.conns, s.next = nil, nil
	for _, timer := range []*time.Timer{s.idle, s.pause} {
		if timer != nil {
			timer.Stop()
		}
	}
	s.mu.Unlock()
	s.child.forget(s)
	for _, c := range all {
		c.Shutdown()
	}
}

// all returns the connections, the oldest first.
func (s *subchannel) all() []*conn {
	if s.next == nil {
		return slices.Clone(s.conns)
	}
	return append(slices.Clone(s.conns), s.next)
}
