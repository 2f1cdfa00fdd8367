// Package pick measures the cost of picking a connection for a call, and of recording
// the end of the call.
package pick

import (
	"encoding/json"
	"testing"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/resolver"

	"github.com/gohostrpc/gohost/connscale"
)

// policies are grpc's, and the one that scales its connections. Its credentials see no
// limit, so StreamLimit applies, which is never reached.
var policies = []struct{ impl, name, config string }{
	{"gohost", "pick_first", `{}`},
	{"scaled", connscale.Name, `{"streamLimit": 1000000}`},
}

func BenchmarkPick(b *testing.B) {
	for _, p := range policies {
		b.Run("calls=one/impl="+p.impl, func(b *testing.B) {
			picker, info := ready(b, p.name, p.config), balancer.PickInfo{Ctx: b.Context()}
			b.ReportAllocs()
			for b.Loop() {
				if err := pick(picker, info); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("calls=parallel/impl="+p.impl, func(b *testing.B) {
			picker, info := ready(b, p.name, p.config), balancer.PickInfo{Ctx: b.Context()}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := pick(picker, info); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// A pick and the end of its call allocate nothing.
func TestPickAllocatesNothing(t *testing.T) { //nolint:paralleltest // it counts the allocations of the whole program
	for _, p := range policies {
		picker, info := ready(t, p.name, p.config), balancer.PickInfo{Ctx: t.Context()}
		allocs := testing.AllocsPerRun(1000, func() {
			if err := pick(picker, info); err != nil {
				t.Error(err)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations, want none", p.name, allocs)
		}
	}
}

// pick picks a connection for a call that ends immediately.
func pick(picker balancer.Picker, info balancer.PickInfo) error {
	result, err := picker.Pick(info)
	if err == nil && result.Done != nil {
		result.Done(balancer.DoneInfo{})
	}
	return err
}

// ready returns the picker of a policy that has a ready connection.
func ready(tb testing.TB, name, config string) balancer.Picker {
	tb.Helper()
	builder := balancer.Get(name)
	parsed, err := builder.(balancer.ConfigParser).ParseConfig(json.RawMessage(config))
	if err != nil {
		tb.Fatal(err)
	}
	c := &channel{updates: make(chan func(), 10), states: make(chan balancer.State, 10)}
	defer close(c.updates)
	go func() {
		for update := range c.updates {
			update()
		}
	}()
	addr := resolver.Address{Addr: "server"}
	policy := builder.Build(c, balancer.BuildOptions{})
	err = policy.UpdateClientConnState(balancer.ClientConnState{
		ResolverState:  resolver.State{Addresses: []resolver.Address{addr}, Endpoints: []resolver.Endpoint{{Addresses: []resolver.Address{addr}}}},
		BalancerConfig: parsed,
	})
	if err != nil {
		tb.Fatal(err)
	}
	for state := range c.states {
		if state.ConnectivityState == connectivity.Ready {
			return state.Picker
		}
	}
	return nil
}

// channel is a policy's view of grpc. Its connections are ready as soon as they are
// told to connect.
type channel struct {
	balancer.ClientConn
	updates chan func() // of connections: grpc calls a policy on one goroutine
	states  chan balancer.State
}

func (c *channel) UpdateState(state balancer.State) { c.states <- state }

func (c *channel) NewSubConn(_ []resolver.Address, opts balancer.NewSubConnOptions) (balancer.SubConn, error) {
	return &subConn{channel: c, tell: opts.StateListener}, nil
}

type subConn struct {
	balancer.SubConn
	channel *channel
	tell    func(balancer.SubConnState)
}

func (s *subConn) Connect() {
	s.channel.updates <- func() { s.tell(balancer.SubConnState{ConnectivityState: connectivity.Connecting}) }
	s.channel.updates <- func() { s.tell(balancer.SubConnState{ConnectivityState: connectivity.Ready}) }
}

func (s *subConn) RegisterHealthListener(listener func(balancer.SubConnState)) {
	s.channel.updates <- func() { listener(balancer.SubConnState{ConnectivityState: connectivity.Ready}) }
}
