package connscale

import (
	"errors"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/resolver"
)

// child is a child policy, and its view of the channel. Its methods may be called
// concurrently.
type child struct {
	balancer.ClientConn
	policy balancer.Balancer // set once it is built
	name   string
	config atomic.Pointer[config]

	mu          sync.Mutex
	closed      bool
	state       balancer.State // what was published last
	picker      *picker        // state's, or nil
	subchannels map[*subchannel]struct{}
}

func newChild(cc balancer.ClientConn, conf *config) *child {
	c := &child{ClientConn: cc, name: conf.child.Name(), subchannels: make(map[*subchannel]struct{})}
	c.config.Store(conf)
	return c
}

// configure makes conf the configuration.
func (c *child) configure(conf *config) {
	c.config.Store(conf)
	for _, s := range c.all() {
		s.reconfigured()
	}
}

var errClosed = errors.New("connscale: closed")

// NewSubConn returns a subchannel, or an error if the child is closed.
func (c *child) NewSubConn(addrs []resolver.Address, opts balancer.NewSubConnOptions) (balancer.SubConn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	s, err := newSubchannel(c, addrs, opts)
	if err != nil {
		return nil, err
	}
	c.subchannels[s] = struct{}{}
	return s, nil
}

// RemoveSubConn and UpdateAddresses are for child policies of others that still call
// these methods of the channel.
func (c *child) RemoveSubConn(s balancer.SubConn) { s.Shutdown() }

// UpdateAddresses hands addrs to s.
func (c *child) UpdateAddresses(s balancer.SubConn, addrs []resolver.Address) {
	s.UpdateAddresses(addrs) //nolint:staticcheck // deprecated, and still to be implemented
}

func (c *child) forget(s *subchannel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.subchannels, s)
}

// all returns the subchannels, in no order.
func (c *child) all() []*subchannel {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*subchannel, 0, len(c.subchannels))
	for s := range c.subchannels {
		all = append(all, s)
	}
	return all
}

// UpdateState publishes a picker of the child. Calls that wait for a stream pick again:
// otherwise all of them would stay with the subchannel that was ready first.
func (c *child) UpdateState(state balancer.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	old := c.picker
	c.picker = newPicker(c, state.Picker)
	c.state = balancer.State{ConnectivityState: state.ConnectivityState, Picker: c.picker}
	c.ClientConn.UpdateState(c.state)
	old.replace()
}

// republish publishes the last picker again. If grpc finds that the connection of a pick
// has gone, the call waits for a picker.
func (c *child) republish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && c.picker != nil {
		c.ClientConn.UpdateState(c.state)
	}
}

// current returns the picker that was published last, or nil if the child is closed.
func (c *child) current() *picker {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	return c.picker
}

// close closes the child, its subchannels, and the waits of calls.
func (c *child) close() {
	c.mu.Lock()
	c.closed = true
	old := c.picker
	c.mu.Unlock()
	c.policy.Close()
	for _, s := range c.all() {
		s.Shutdown() // a policy may leave that to the channel
	}
	old.replace()
}
