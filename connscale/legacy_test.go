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

// legacy is a child as they were written years ago: it hears of the states of its
// SubConn by UpdateSubConnState, and gives it up by methods of the channel. Its
// picks are what a test wants.
type legacy struct {
	*legacyPlan
	cc     balancer.ClientConn
	sub    balancer.SubConn
	addrs  []resolver.Address
	states []connectivity.State
	hook   func() // is called after the addresses have been updated, if it is there
	closed bool
}

// legacyPlan is what a test wants of its child.
type legacyPlan struct {
	serviceconfig.LoadBalancingConfig
	pick  func(balancer.PickInfo, balancer.SubConn) (balancer.PickResult, error)
	built chan *legacy
}

var legacyPlans sync.Map // by the names of tests, as the configuration has them

// legacyChild returns the service config of a child that picks by pick. The test gets
// the child when it has heard of the servers.
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
	l.cc.UpdateAddresses(l.sub, l.addrs) //nolint:staticcheck // it is what old children do
	if l.hook != nil {
		l.hook()
	}
	return nil
}

func (l *legacy) connect() (err error) {
	if l.sub, err = l.cc.NewSubConn(l.addrs, balancer.NewSubConnOptions{}); err != nil { //nolint:staticcheck // it is what old children do
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
