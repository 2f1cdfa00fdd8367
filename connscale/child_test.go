package connscale_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/base"
	_ "google.golang.org/grpc/balancer/leastrequest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/resolver"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// A legacy child is scaled, learns the states of its SubConn as it would from grpc, may
// change the addresses, and may remove the SubConn.
func TestALegacyChild(t *testing.T) {
	t.Parallel()
	config, built := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "a", grpc.MaxConcurrentStreams(2))
		n.serve(t, "b", grpc.MaxConcurrentStreams(2))
		r, target := resolved("a")
		client := n.clientOf(t, target, connscale.Options{ServiceConfig: config}, grpc.WithResolvers(r))
		held := hold(t, client, 3)
		child := <-built
		if want := []connectivity.State{connectivity.Connecting, connectivity.Ready}; !slices.Equal(child.states, want) {
			t.Errorf("the states were %v, want %v", child.states, want)
		}

		// Another address: the connections to the old one end with their calls.
		r.UpdateState(endpoints("b"))
		synctest.Wait()
		again := hold(t, client, 3)
		wantStreams(t, "another address", client, 2, 1)
		for _, c := range client.Stats().Connections {
			if c.Address != "b" {
				t.Errorf("there is a connection to %s", c.Address)
			}
		}
		for _, s := range append(held, again...) {
			s.wantEnd(t, codes.Canceled)
		}
		if want := []connectivity.State{connectivity.Connecting, connectivity.Ready, connectivity.Idle, connectivity.Connecting, connectivity.Ready}; !slices.Equal(child.states, want) {
			t.Errorf("the states were %v, want %v", child.states, want)
		}

		// No address, and then one again.
		child.hook = func() {
			if got := client.Stats().Connections; len(got) == 0 || got[0].Address != "" {
				t.Errorf("the connections to no address are %v", got)
			}
		}
		r.UpdateState(resolver.State{Addresses: []resolver.Address{}})
		child.hook = nil
		synctest.Wait()
		waiting := holdLater(t, t.Context(), client, grpc.WaitForReady(true))
		r.UpdateState(endpoints("a"))
		time.Sleep(time.Minute)
		waiting.wantBegun(t, "an address again")
		waiting.end()

		child.states = nil
		child.cc.RemoveSubConn(child.sub) //nolint:staticcheck // old children do this
		synctest.Wait()
		if want := []connectivity.State{connectivity.Shutdown}; !slices.Equal(child.states, want) {
			t.Errorf("the states after the SubConn was removed were %v, want %v, once", child.states, want)
		}
		wantStreams(t, "the SubConn is removed", client)
	})
}

// The child is told of Shutdown once, however many connections there were.
func TestShutdownIsToldOnce(t *testing.T) {
	t.Parallel()
	config, built := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{ServiceConfig: config})
		held := hold(t, client, 3)
		child := <-built
		child.states = nil
		time.Sleep(time.Second)
		n.cut(1)
		held[0].end()
		held[2].end()
		time.Sleep(time.Minute) // one is closed, since it is idle
		wantStreams(t, "one is left", client, 0)
		if len(child.states) > 0 {
			t.Errorf("the child was told of %v", child.states)
		}
		hold(t, client, 2)
		child.sub.Shutdown()
		child.sub.Shutdown()
		synctest.Wait()
		if want := []connectivity.State{connectivity.Shutdown}; !slices.Equal(child.states, want) {
			t.Errorf("the states were %v, want %v, once", child.states, want)
		}
		tries := len(n.dialled())
		child.sub.Connect()                                             // has no effect
		child.sub.UpdateAddresses([]resolver.Address{{Addr: "server"}}) //nolint:staticcheck // old children do this
		synctest.Wait()
		wantStreams(t, "shut down", client)
		if got := len(n.dialled()); got != tries {
			t.Errorf("%d connections were opened after the end", got-tries)
		}
	})
}

// A connection that is lost just before its SubConn is shut down is not replaced.
func TestALossBeforeShutdown(t *testing.T) {
	t.Parallel()
	config, built := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server")
		r, target := resolved("server")
		client := n.clientOf(t, target, connscale.Options{ServiceConfig: config}, grpc.WithResolvers(r))
		wantUnary(t, "to begin with", client)
		child := <-built
		child.states = nil
		child.hook = func() { // grpc reports what happens meanwhile afterwards
			n.cut(0)
			time.Sleep(time.Millisecond)
			child.sub.Shutdown()
		}
		r.UpdateState(endpoints("server"))
		synctest.Wait()
		if want := []connectivity.State{connectivity.Shutdown}; !slices.Equal(child.states, want) {
			t.Errorf("the states were %v, want %v", child.states, want)
		}
		if got := len(n.dialled()); got != 1 {
			t.Errorf("%d connections were opened, want 1", got)
		}
	})
}

// Connect on a SubConn that has a connection opens no other one.
func TestConnectOpensNoOther(t *testing.T) {
	t.Parallel()
	config, built := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		n.setRefuse(only(1))
		client := n.client(t, connscale.Options{ServiceConfig: config})
		hold(t, client, 1)
		ctx, cancel := context.WithCancel(t.Context())
		holdLater(t, ctx, client)
		cancel()
		time.Sleep(time.Minute) // the backoff is over
		tries := len(n.dialled())
		(<-built).sub.Connect()
		synctest.Wait()
		if got := len(n.dialled()); got != tries {
			t.Error("Connect opens another connection")
		}
	})
}

// The server's limit is known even if the addresses change before there is a
// connection.
func TestAddressesBeforeAConnection(t *testing.T) {
	t.Parallel()
	config, _ := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "b", grpc.MaxConcurrentStreams(2))
		r, target := resolved("a")
		client := n.clientOf(t, target, connscale.Options{ServiceConfig: config}, grpc.WithResolvers(r))
		client.Connect()
		synctest.Wait()
		r.UpdateState(endpoints("b"))
		time.Sleep(time.Minute)
		hold(t, client, 3)
		wantStreams(t, "another address", client, 2, 1)
	})
}

// A closed child gets no SubConn.
func TestAClosedChildGetsNoSubConn(t *testing.T) {
	t.Parallel()
	_, built := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		var server inmemory.Open
		n.serve(t, "server", grpc.StatsHandler(&server), grpc.MaxConcurrentStreams(1))
		r, target := resolved("server")
		channel := n.byName(t, target, nil, grpc.WithResolvers(r), grpc.WithDefaultServiceConfig(
			`{"loadBalancingConfig": [{"connscale": {"childPolicy": [{"test_legacy": "TestAClosedChildGetsNoSubConn"}]}}]}`))
		held := hold(t, channel, 2)
		child := <-built
		state := endpoints("server")
		state.ServiceConfig = r.CC().ParseServiceConfig(`{"loadBalancingConfig": [{"connscale": {}}]}`)
		r.UpdateState(state)
		synctest.Wait()
		if !child.closed {
			t.Error("the child is not closed")
		}
		for _, s := range held {
			s.wantEnd(t, codes.Canceled)
		}
		wantUnary(t, "the other child", channel)
		synctest.Wait()
		if got := server.Conns.Load(); got != 1 {
			t.Errorf("there are %d connections, want that of the other child", got)
		}
		if err := child.connect(); err == nil {
			t.Error("a closed child got a SubConn")
		}
		child.cc.UpdateState(balancer.State{ConnectivityState: connectivity.TransientFailure, Picker: base.NewErrPicker(errors.New("closed"))})
		wantUnary(t, "the closed child has published a state", channel)
	})
}

// Children use producers for load reports. A producer uses the oldest connection.
func TestProducers(t *testing.T) {
	t.Parallel()
	config, built := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(2))
		client := n.client(t, connscale.Options{ServiceConfig: config})
		hold(t, client, 3)[0].end()
		child := <-built
		time.Sleep(time.Second)
		for i, want := range []string{"server#0", "server#1"} {
			producer, end := child.sub.GetOrBuildProducer(producers{})
			s, err := open(t.Context(), producer.(grpc.ClientConnInterface))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.on(t); got != want {
				t.Errorf("a producer has the connection %s, want %s", got, want)
			}
			s.end()
			end()
			n.cut(i)
			synctest.Wait()
		}
		child.sub.Shutdown()
		_, end := child.sub.GetOrBuildProducer(producers{})
		end()
	})
}

// producers builds producers. Each is the connection itself.
type producers struct{}

func (producers) Build(cc any) (balancer.Producer, func()) { return cc, func() {} }
