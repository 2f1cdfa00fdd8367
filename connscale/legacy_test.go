package connscale_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/base"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/serviceconfig"
)

// legacy is an old-fashioned child: it learns the states of its SubConn from
// UpdateSubConnState, and removes it by a method of the channel. The test decides what
// it picks.
type legacy struct {
	*legacyPlan
	cc     balancer.ClientConn
	sub    balancer.SubConn
	addrs  []resolver.Address
	states []connectivity.State
	hook   func() // called after the addresses have been updated, unless nil
	closed bool
}

// legacyPlan tells a child what a test wants of it.
type legacyPlan struct {
	serviceconfig.LoadBalancingConfig
	pick  func(balancer.PickInfo, balancer.SubConn) (balancer.PickResult, error)
	built chan *legacy
}

var legacyPlans sync.Map // by the name of the test, which is in the configuration

// legacyChild returns the service config of a child that uses pick. The child is sent
// on built when it has learned the addresses.
func legacyChild(t *testing.T, pick func(balancer.PickInfo, balancer.SubConn) (balancer.PickResult, error)) (config string, built chan *legacy) {
	t.Helper()
	name := fmt.Sprintf("%q", t.Name())
	built = make(chan *legacy, 8)
	legacyPlans.Store(name, &legacyPlan{pick: pick, built: built})
	return `{"loadBalancingConfig": [{"test_legacy": ` + name + `}]}`, built
}

func init() { balancer.Register(legacyBuilder{}) }

type legacyBuilder struct{}

func (legacyBuilder) Name() string { return "test_legacy" }

func (legacyBuilder) Build(cc balancer.ClientConn, _ balancer.BuildOptions) balancer.Balancer {
	return &legacy{cc: cc}
}

func (legacyBuilder) ParseConfig(name json.RawMessage) (serviceconfig.LoadBalancingConfig, error) {
	plan, ok := legacyPlans.Load(string(name))
	if !ok {
		return nil, fmt.Errorf("there is no test %s", name)
	}
	return plan.(*legacyPlan), nil
}

func (l *legacy) UpdateClientConnState(s balancer.ClientConnState) error {
	l.addrs = s.ResolverState.Addresses
	if l.legacyPlan == nil {
		l.legacyPlan = s.BalancerConfig.(*legacyPlan)
		l.built <- l
		return l.connect()
	}
	l.cc.UpdateAddresses(l.sub, l.addrs) //nolint:staticcheck // old children do this
	if l.hook != nil {
		l.hook()
	}
	return nil
}

func (l *legacy) connect() (err error) {
	if l.sub, err = l.cc.NewSubConn(l.addrs, balancer.NewSubConnOptions{}); err != nil { //nolint:staticcheck // old children do this
		return err
	}
	l.sub.Connect()
	return nil
}

func (l *legacy) UpdateSubConnState(sub balancer.SubConn, s balancer.SubConnState) {
	if sub != l.sub {
		return
	}
	l.states = append(l.states, s.ConnectivityState)
	if s.ConnectivityState == connectivity.Shutdown {
		return
	}
	state := balancer.State{ConnectivityState: s.ConnectivityState, Picker: base.NewErrPicker(balancer.ErrNoSubConnAvailable)}
	switch s.ConnectivityState {
	case connectivity.Ready:
		state.Picker = picking(func(info balancer.PickInfo) (balancer.PickResult, error) { return l.pick(info, sub) })
	case connectivity.TransientFailure:
		state.Picker = base.NewErrPicker(s.ConnectionError)
	case connectivity.Idle:
		sub.Connect()
	}
	l.cc.UpdateState(state)
}

func (*legacy) ResolverError(error) {}
func (*legacy) ExitIdle()           {}
func (l *legacy) Close()            { l.closed = true }

type picking func(balancer.PickInfo) (balancer.PickResult, error)

func (p picking) Pick(info balancer.PickInfo) (balancer.PickResult, error) { return p(info) }

func pickIt(_ balancer.PickInfo, sub balancer.SubConn) (balancer.PickResult, error) {
	return balancer.PickResult{SubConn: sub}, nil
}
