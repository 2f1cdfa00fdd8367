package connscale_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/base"
	_ "google.golang.org/grpc/balancer/leastrequest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// legacy is a child as they were written years ago: it hears of the states of its
// SubConn by UpdateSubConnState, and gives it up by methods of the channel. Its
// picks are what a test wants.
type legacy struct {
	cc     balancer.ClientConn
	sub    balancer.SubConn
	addrs  []resolver.Address
	states []connectivity.State
	pick   func(balancer.PickInfo, balancer.SubConn) (balancer.PickResult, error)
	hook   func() // is called after the addresses have been updated, if it is there
	closed bool
}

// legacyChild registers a child that picks by pick, and returns the service config
// that names it. The test gets the child when it is built.
func legacyChild(name string, pick func(balancer.PickInfo, balancer.SubConn) (balancer.PickResult, error)) (config string, built chan *legacy) {
	built = make(chan *legacy, 8)
	balancer.Register(legacyBuilder{name, pick, built})
	return `{"loadBalancingConfig": [{"` + name + `": {}}]}`, built
}

type legacyBuilder struct {
	name  string
	pick  func(balancer.PickInfo, balancer.SubConn) (balancer.PickResult, error)
	built chan *legacy
}

func (b legacyBuilder) Name() string { return b.name }

func (b legacyBuilder) Build(cc balancer.ClientConn, _ balancer.BuildOptions) balancer.Balancer {
	l := &legacy{cc: cc, pick: b.pick}
	b.built <- l
	return l
}

func (l *legacy) UpdateClientConnState(s balancer.ClientConnState) error {
	l.addrs = s.ResolverState.Addresses
	if l.sub != nil {
		l.cc.UpdateAddresses(l.sub, l.addrs) //nolint:staticcheck // it is what old children do
		if l.hook != nil {
			l.hook()
		}
		return nil
	}
	return l.connect()
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

// A legacy child is scaled, hears of the states of its SubConn as of one of grpc's,
// may change the addresses, and may remove the SubConn.
func TestALegacyChild(t *testing.T) {
	t.Parallel()
	config, built := legacyChild("test_legacy", pickIt)
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

		// Another address: the connections to the old one end when their calls have.
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
		child.cc.RemoveSubConn(child.sub) //nolint:staticcheck // it is what old children do
		synctest.Wait()
		if want := []connectivity.State{connectivity.Shutdown}; !slices.Equal(child.states, want) {
			t.Errorf("the states after the SubConn was removed were %v, want %v, once", child.states, want)
		}
		wantStreams(t, "the SubConn is removed", client)
	})
}

// Shutdown is told once, however many connections there were.
func TestShutdownIsToldOnce(t *testing.T) {
	t.Parallel()
	config, built := legacyChild("test_shutdown", pickIt)
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
		child.sub.Connect()                                             // nothing comes of it
		child.sub.UpdateAddresses([]resolver.Address{{Addr: "server"}}) //nolint:staticcheck // it is what old children do
		synctest.Wait()
		wantStreams(t, "shut down", client)
		if got := len(n.dialled()); got != tries {
			t.Errorf("%d connections were opened after the end", got-tries)
		}
	})
}

// A connection that is lost just before its SubConn is shut down does not begin anew.
func TestALossBeforeShutdown(t *testing.T) {
	t.Parallel()
	config, built := legacyChild("test_loss", pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server")
		r, target := resolved("server")
		client := n.clientOf(t, target, connscale.Options{ServiceConfig: config}, grpc.WithResolvers(r))
		wantUnary(t, "to begin with", client)
		child := <-built
		child.states = nil
		child.hook = func() { // what grpc has to tell meanwhile comes afterwards
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

// Connect is for a SubConn without a connection: it opens no other one.
func TestConnectOpensNoOther(t *testing.T) {
	t.Parallel()
	config, built := legacyChild("test_connect", pickIt)
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

// The limit is seen, too, where the addresses change before there is a connection.
func TestAddressesBeforeAConnection(t *testing.T) {
	t.Parallel()
	config, _ := legacyChild("test_addresses", pickIt)
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

// A child that has been closed gets no SubConn.
func TestAClosedChildGetsNoSubConn(t *testing.T) {
	t.Parallel()
	_, built := legacyChild("test_closed", pickIt)
	bubble(t, func(t *testing.T, n *network) {
		var server counter
		n.serve(t, "server", grpc.StatsHandler(&server), grpc.MaxConcurrentStreams(1))
		r, target := resolved("server")
		channel := n.byName(t, target, nil, grpc.WithResolvers(r), grpc.WithDefaultServiceConfig(
			`{"loadBalancingConfig": [{"connscale": {"childPolicy": [{"test_closed": {}}]}}]}`))
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
		if got := server.conns.Load(); got != 1 {
			t.Errorf("there are %d connections, want that of the other child", got)
		}
		if err := child.connect(); err == nil {
			t.Error("a child that is closed got a SubConn")
		}
		child.cc.UpdateState(balancer.State{ConnectivityState: connectivity.TransientFailure, Picker: base.NewErrPicker(errors.New("closed"))})
		wantUnary(t, "the closed child has said something", channel)
	})
}

// Whatever a child picks is passed on: metadata for the call, a SubConn that is not
// ours, and errors, which end the call or let it wait as they would without us.
func TestOtherPicks(t *testing.T) {
	t.Parallel()
	config, _ := legacyChild("test_picks", func(info balancer.PickInfo, sub balancer.SubConn) (balancer.PickResult, error) {
		md, _ := metadata.FromOutgoingContext(info.Ctx)
		switch pick := md.Get("pick"); {
		case slices.Equal(pick, []string{"metadata"}):
			return balancer.PickResult{SubConn: sub, Metadata: metadata.Pairs("picked", info.FullMethodName)}, nil
		case slices.Equal(pick, []string{"drop"}):
			return balancer.PickResult{}, status.Error(codes.ResourceExhausted, "dropped")
		case slices.Equal(pick, []string{"error"}):
			return balancer.PickResult{}, errors.New("no")
		case slices.Equal(pick, []string{"foreign"}):
			return balancer.PickResult{SubConn: foreign{sub}}, nil
		}
		return balancer.PickResult{SubConn: sub}, nil
	})
	bubble(t, func(t *testing.T, n *network) {
		var seen []string
		n.serve(t, "server", grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			md, _ := metadata.FromIncomingContext(ctx)
			seen = append(seen, md.Get("picked")...)
			return handler(ctx, req)
		}))
		client := n.client(t, connscale.Options{ServiceConfig: config})
		with := func(pick string) context.Context { return metadata.AppendToOutgoingContext(t.Context(), "pick", pick) }
		if err := unary(with("metadata"), client); err != nil {
			t.Error(err)
		}
		if want := []string{"/squarerpc_service.SquareService/square"}; !slices.Equal(seen, want) {
			t.Errorf("the server has seen %q, want %q", seen, want)
		}
		wantError(t, "a drop", unary(with("drop"), client, grpc.WaitForReady(true)), codes.ResourceExhausted, "dropped")
		wantError(t, "an error", unary(with("error"), client), codes.Unavailable, "no")
		ctx, cancel := context.WithTimeout(with("error"), time.Second)
		defer cancel()
		wantError(t, "an error that a call waits out", unary(ctx, client, grpc.WaitForReady(true)), codes.DeadlineExceeded, "latest balancer error: no")
	})
}

// foreign is a SubConn that a child makes of one of ours.
type foreign struct{ balancer.SubConn }

// Calls that wait hear of the errors of a new picker, too.
func TestErrorsWhileCallsWait(t *testing.T) {
	t.Parallel()
	config, built := legacyChild("test_errors", pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{ServiceConfig: config, MaxConnections: 1})
		held := hold(t, client, 1)
		child := <-built
		waiting := holdLater(t, t.Context(), client)
		child.cc.UpdateState(balancer.State{ConnectivityState: connectivity.Ready, Picker: base.NewErrPicker(status.Error(codes.ResourceExhausted, "dropped"))})
		if !waiting.has() {
			t.Fatal("a call waits though it is dropped")
		}
		wantError(t, "a call that waited", waiting.err, codes.ResourceExhausted, "dropped")
		wantWaiting(t, "it was dropped", client, 0)
		held[0].end()
	})
}

// Each pick of a child is done once, whatever becomes of the call: it runs, waits,
// gives up, is picked anew with another picker, or meets the end of the client.
func TestEachPickIsDoneOnce(t *testing.T) {
	t.Parallel()
	var picks, done atomic.Int64
	config, built := legacyChild("test_counts", func(_ balancer.PickInfo, sub balancer.SubConn) (balancer.PickResult, error) {
		picks.Add(1)
		return balancer.PickResult{SubConn: sub, Done: func(balancer.DoneInfo) { done.Add(1) }}, nil
	})
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{ServiceConfig: config, MaxConnections: 2})
		want := func(when string, p, d int64) {
			t.Helper()
			synctest.Wait()
			if picks.Load() != p || done.Load() != d {
				t.Errorf("%s: %d picks, of which %d are done; want %d and %d", when, picks.Load(), done.Load(), p, d)
			}
		}
		held := hold(t, client, 2) // the second one waits for its connection
		child := <-built
		want("two calls run", 2, 0)
		served := holdLater(t, t.Context(), client)
		ctx, cancel := context.WithCancel(t.Context())
		holdLater(t, ctx, client)
		holdLater(t, t.Context(), client)
		want("three calls wait", 5, 0)
		child.UpdateSubConnState(child.sub, balancer.SubConnState{ConnectivityState: connectivity.Ready})
		want("another picker", 8, 3)
		cancel()
		want("one has given up", 8, 4)
		held[0].end()
		served.wantBegun(t, "there is room")
		want("one has ended", 8, 5)
		child.sub.Shutdown()
		want("the SubConn is shut down", 8, 5)
		last := holdLater(t, t.Context(), client)
		want("a call without a connection waits for another picker", 9, 6)
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		last.has()
		held[1].end()
		want("the client is closed", 9, 9)
	})
}

// The counts of least_request are exact: each pick of it is done once, also where a
// call waits, gives up, or is moved to another server.
func TestLeastRequest(t *testing.T) {
	t.Parallel()
	const leastRequest = `{"loadBalancingConfig": [{"least_request_experimental": {"choiceCount": 10}}]}`
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "a", grpc.MaxConcurrentStreams(5))
		n.serve(t, "b", grpc.MaxConcurrentStreams(5))
		r, target := resolved("a", "b")
		client := n.clientOf(t, target, connscale.Options{MaxConnections: 2, ServiceConfig: leastRequest}, grpc.WithResolvers(r))
		wantUnary(t, "to begin with", client)
		synctest.Wait()
		for range 5 {
			held := hold(t, client, 20)
			wantWhere(t, "as many here as there", held, map[string]int{"a": 10, "b": 10})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			for range 10 {
				holdLater(t, ctx, client)
			}
			wantWaiting(t, "all are full", client, 10)
			r.UpdateState(endpoints("b", "a")) // another picker
			wantWaiting(t, "another picker", client, 10)
			time.Sleep(2 * time.Second)
			wantWaiting(t, "all have given up", client, 0)
			for _, s := range held {
				s.end()
			}
			cancel()
		}
	})
}

// A producer, which children have for load reports, is one of the oldest connection.
func TestProducers(t *testing.T) {
	t.Parallel()
	config, built := legacyChild("test_producer", pickIt)
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

// producers builds producers that are the connection itself.
type producers struct{}

func (producers) Build(cc any) (balancer.Producer, func()) { return cc, func() {} }
