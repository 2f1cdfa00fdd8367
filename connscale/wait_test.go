package connscale_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/serviceconfig"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// A stream that becomes free is given to the call that has waited longest, on any
// connection.
func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(2))
		client := n.client(t, connscale.Options{MaxConnections: 2})
		held := hold(t, client, 4)
		waiting := make([]*later, 4)
		for i := range waiting {
			waiting[i] = holdLater(t, t.Context(), client)
			wantWaiting(t, "all are full", client, i+1)
		}
		for i, end := range []int{2, 0, 3, 1} {
			held[end].end()
			for j, w := range waiting {
				if got, want := w.has(), j <= i; got != want {
					t.Errorf("after %d streams have ended, call %d has begun: %v, want %v", i+1, j, got, want)
				}
			}
			if got, want := waiting[i].on(t), held[end].on(t); got != want {
				t.Errorf("call %d is on %s, but the stream that has ended was on %s", i, got, want)
			}
		}
	})
}

// A new picker of the child does not change the order of the calls, if it picks the
// same.
func TestFirstComeFirstServedByAnotherPicker(t *testing.T) {
	t.Parallel()
	config, built := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{ServiceConfig: config, MaxConnections: 1})
		held := hold(t, client, 1)[0]
		child := <-built
		waiting := make([]*later, 20)
		for i := range waiting {
			waiting[i] = holdLater(t, t.Context(), client)
		}
		for i, w := range waiting {
			child.UpdateSubConnState(child.sub, balancer.SubConnState{ConnectivityState: connectivity.Ready})
			synctest.Wait()
			held.end()
			w.wantBegun(t, fmt.Sprintf("the call %d is next", i))
			held = w.stream
		}
	})
}

// A call that gives up gets no stream, and those behind it keep their places.
func TestACallThatGivesUp(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{MaxConnections: 1})
		held := hold(t, client, 1)
		first := holdLater(t, t.Context(), client)
		ctx, cancel := context.WithCancel(t.Context())
		second := holdLater(t, ctx, client)
		third := holdLater(t, t.Context(), client)
		cancel()
		if !second.has() {
			t.Fatal("a call whose context has ended waits")
		}
		wantError(t, "a call that gives up", second.err, codes.Canceled,
			"context canceled while waiting for a stream: the only connection is full")
		wantWaiting(t, "one has given up", client, 2)
		held[0].end()
		first.wantBegun(t, "there is room")
		if third.has() {
			t.Error("the third call has begun before there was room")
		}
		first.end()
		third.wantBegun(t, "there is room again")
	})
}

// If a call is given a stream as its context ends, the stream goes to the next call.
func TestACallThatGivesUpAsItIsServed(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{MaxConnections: 1})
		for range 100 {
			held := hold(t, client, 1)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			first := holdLater(t, ctx, client)
			second := holdLater(t, t.Context(), client)
			go time.AfterFunc(time.Second, held[0].cancel)
			time.Sleep(time.Second)
			if first.has(); first.err == nil {
				first.end()
			}
			second.wantBegun(t, "the others have ended")
			cancel()
			second.end()
			held[0].end()
		}
	})
}

// Closing the client ends the waiting calls, as grpc ends others.
func TestCloseEndsWaiting(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{MaxConnections: 1})
		hold(t, client, 1)
		waiting := holdLater(t, t.Context(), client, grpc.WaitForReady(true))
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		if !waiting.has() {
			t.Fatal("the client is closed, but a call still waits")
		}
		wantError(t, "a call that waited", waiting.err, codes.Canceled, "grpc: the client connection is closing")
	})
}

// When the child publishes a picker, waiting calls pick again, and a new server takes
// some of them.
func TestANewPickerEndsWaiting(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "a", grpc.MaxConcurrentStreams(1))
		n.serve(t, "b", grpc.MaxConcurrentStreams(10))
		resolver, target := resolved("a")
		client := n.clientOf(t, target, connscale.Options{MaxConnections: 1, ServiceConfig: roundRobin}, grpc.WithResolvers(resolver))
		held := hold(t, client, 1)
		var waiting [8]*later
		for i := range waiting {
			waiting[i] = holdLater(t, t.Context(), client)
		}
		wantWaiting(t, "one server", client, 8)
		resolver.UpdateState(endpoints("a", "b"))
		var begun int
		for _, w := range waiting {
			if w.has() {
				begun++
			}
		}
		if begun < 2 || begun > 6 { // half of the calls, one by one; more pickers are published as the states of b change
			t.Errorf("%d of 8 calls have begun at the new server, want about 4", begun)
		}
		wantWaiting(t, "two servers", client, 8-begun)
		held[0].end()
	})
}

const roundRobin = `{"loadBalancingConfig": [{"round_robin": {}}]}`

// When a service config names another child, the old one is closed: waiting calls go to
// the new one, and running calls continue.
func TestAnotherChildPolicy(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		resolver, target := resolved("server")
		state := endpoints("server")
		with := func(config string) *serviceconfig.ParseResult { return resolver.CC().ParseServiceConfig(config) }
		channel := n.byName(t, target, nil, grpc.WithResolvers(resolver),
			grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"connscale": {"maxConnectionsPerSubchannel": 1}}]}`))
		held := hold(t, channel, 1)
		waiting := holdLater(t, t.Context(), channel)
		if waiting.has() {
			t.Fatal("a call does not wait")
		}
		state.ServiceConfig = with(`{"loadBalancingConfig": [{"connscale": {"maxConnectionsPerSubchannel": 1, "childPolicy": [{"round_robin": {}}]}}]}`)
		resolver.UpdateState(state)
		waiting.wantBegun(t, "another child")
		if got := channel.GetState(); got != connectivity.Ready {
			t.Errorf("the state is %v", got)
		}

		// The policy itself is replaced: grpc builds another one.
		again := holdLater(t, t.Context(), channel)
		if again.has() {
			t.Fatal("a call does not wait for the stream of the other one")
		}
		state.ServiceConfig = with(`{"loadBalancingConfig": [{"pick_first": {}}]}`)
		resolver.UpdateState(state)
		again.wantBegun(t, "another policy")
		held[0].wantEnd(t, codes.Canceled)
		waiting.wantEnd(t, codes.Canceled)
	})
}

// A larger maximum applies to waiting calls, too.
func TestALargerMaximum(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		resolver, target := resolved("server")
		channel := n.byName(t, target, nil, grpc.WithResolvers(resolver),
			grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"connscale": {"maxConnectionsPerSubchannel": 1}}]}`))
		hold(t, channel, 1)
		waiting := holdLater(t, t.Context(), channel)
		if waiting.has() {
			t.Fatal("a call does not wait")
		}
		state := endpoints("server")
		state.ServiceConfig = resolver.CC().ParseServiceConfig(`{"loadBalancingConfig": [{"connscale": {"maxConnectionsPerSubchannel": 2}}]}`)
		resolver.UpdateState(state)
		waiting.wantBegun(t, "the maximum is 2")
	})
}

// A channel that becomes idle forgets its connections. The next call opens a new one.
func TestAnIdleChannel(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{}, grpc.WithIdleTimeout(10*time.Second))
		held := hold(t, client, 1)
		waiting := holdLater(t, t.Context(), client)
		waiting.wantBegun(t, "a second connection")
		time.Sleep(time.Hour)
		wantStreams(t, "calls are there", client, 1, 1)
		held[0].end()
		waiting.end()
		time.Sleep(10 * time.Second) // half of the idle timeout has passed, or all of it
		time.Sleep(10 * time.Second)
		wantStreams(t, "the channel is idle", client)
		if got := client.GetState(); got != connectivity.Idle || client.Policies() > 0 {
			t.Errorf("the state is %v, and there are %d policies; want IDLE and none", got, client.Policies())
		}
		wantUnary(t, "idle before", client)
		wantStreams(t, "no longer idle", client, 0)

		// A waiting call keeps the channel from becoming idle.
		held = hold(t, client, 10)
		late := holdLater(t, t.Context(), client)
		time.Sleep(time.Hour)
		wantWaiting(t, "after an hour", client, 1)
		held[3].end()
		late.wantBegun(t, "there is room")
	})
}
