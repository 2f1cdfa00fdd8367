package connscale_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// above is a policy that has ours as its child, and gives it no configuration.
type above struct {
	balancer.Balancer
	fails bool // it first reports a resolver error
}

func (a *above) UpdateClientConnState(s balancer.ClientConnState) error {
	if a.fails {
		a.fails = false
		a.ResolverError(errors.New("not yet"))
		return nil
	}
	s.BalancerConfig = nil
	return a.Balancer.UpdateClientConnState(s)
}

type aboveBuilder struct {
	name  string
	fails bool
}

func (b aboveBuilder) Name() string { return b.name }

func (b aboveBuilder) Build(cc balancer.ClientConn, opts balancer.BuildOptions) balancer.Balancer {
	return &above{balancer.Get(connscale.Name).Build(cc, opts), b.fails}
}

// pickers keeps the last picker that our policy has published.
type pickers struct{ last atomic.Value }

func (*pickers) Name() string { return "test_pickers" }

func (p *pickers) Build(cc balancer.ClientConn, opts balancer.BuildOptions) balancer.Balancer {
	return &above{Balancer: balancer.Get(connscale.Name).Build(published{cc, p}, opts)}
}

// published is a channel that records what is published.
type published struct {
	balancer.ClientConn
	to *pickers
}

func (p published) UpdateState(s balancer.State) {
	p.to.last.Store(&s.Picker)
	p.ClientConn.UpdateState(s)
}

var seenPickers pickers

func init() {
	balancer.Register(&seenPickers)
	balancer.Register(aboveBuilder{"test_above", false})
	balancer.Register(aboveBuilder{"test_above_fails", true})
}

// Without a configuration the defaults apply.
func TestNoConfiguration(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		channel := n.byName(t, "passthrough:///server", nil, grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"test_above": {}}]}`))
		hold(t, channel, 10)
		if holdLater(t, t.Context(), channel).has() {
			t.Error("an eleventh connection was opened")
		}
	})
}

// A resolver error that comes before a configuration fails calls.
func TestAnErrorBeforeTheConfiguration(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server")
		r, target := resolved("server")
		channel := n.byName(t, target, nil, grpc.WithResolvers(r), grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"test_above_fails": {}}]}`))
		channel.Connect()
		synctest.Wait()
		wantError(t, "a call", unary(t.Context(), channel), codes.Unavailable, "not yet")
		waiting := holdLater(t, t.Context(), channel, grpc.WaitForReady(true))
		r.UpdateState(endpoints("server"))
		waiting.wantBegun(t, "the resolver has found a server")
	})
}
