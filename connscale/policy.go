package connscale

import (
	"sync/atomic"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/base"
	"google.golang.org/grpc/connectivity"
)

// policy is the load-balancing policy of a channel. It replaces the SubConns of a child
// policy with subchannels, and leaves everything else to the child. grpc calls its methods
// one after another.
type policy struct {
	cc       balancer.ClientConn
	opts     balancer.BuildOptions
	registry *registry             // nil if the channel is not of NewClient
	child    atomic.Pointer[child] // nil before there is a configuration
}

func newPolicy(cc balancer.ClientConn, opts balancer.BuildOptions) *policy {
	p := &policy{cc: cc, opts: opts}
	if creds, ok := opts.DialCreds.(transportCredentials); ok {
		p.registry = creds.registry
	}
	p.registry.add(p)
	return p
}

func (p *policy) UpdateClientConnState(s balancer.ClientConnState) error {
	conf, ok := s.BalancerConfig.(*config)
	if !ok { // a policy above may give none
		var err error
		if conf, err = parseConfig([]byte("{}")); err != nil {
			return err
		}
	}
	c := p.child.Load()
	if c == nil || c.name != conf.child.Name() {
		c = p.replace(c, conf)
	}
	c.configure(conf)
	s.BalancerConfig = conf.childConfig
	return c.policy.UpdateClientConnState(s)
}

// replace closes the child policy, if there is one, and builds that of conf. Calls
// wait until that publishes a picker.
func (p *policy) replace(old *child, conf *config) *child {
	if old != nil {
		old.close()
	}
	c := newChild(p.cc, conf)
	c.policy = conf.child.Build(c, p.opts)
	p.child.Store(c)
	return c
}

func (p *policy) ResolverError(err error) {
	if c := p.child.Load(); c != nil {
		c.policy.ResolverError(err)
		return
	}
	p.cc.UpdateState(balancer.State{ConnectivityState: connectivity.TransientFailure, Picker: base.NewErrPicker(err)})
}

// UpdateSubConnState is not called: all SubConns have a listener.
func (p *policy) UpdateSubConnState(balancer.SubConn, balancer.SubConnState) {}

func (p *policy) Close() {
	p.registry.remove(p)
	if c := p.child.Load(); c != nil {
		c.close()
	}
}

func (p *policy) ExitIdle() {
	if c := p.child.Load(); c != nil {
		c.policy.ExitIdle()
	}
}
