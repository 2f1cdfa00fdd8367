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
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// Whatever a child picks is passed on: metadata for the call, a foreign SubConn, and
// errors, which end the call or let it wait as they would in grpc.
func TestOtherPicks(t *testing.T) {
	t.Parallel()
	config, _ := legacyChild(t, func(info balancer.PickInfo, sub balancer.SubConn) (balancer.PickResult, error) {
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
		for range 3 { // no connection counts it
			ctx, cancel := context.WithTimeout(with("foreign"), time.Second)
			wantError(t, "a SubConn that is not ours", unary(ctx, client), codes.DeadlineExceeded, "context deadline exceeded while waiting for connections to become ready")
			cancel()
		}
		ctx, cancel := context.WithTimeout(with("error"), time.Second)
		defer cancel()
		wantError(t, "an error that a call waits out", unary(ctx, client, grpc.WaitForReady(true)), codes.DeadlineExceeded, "latest balancer error: no")
	})
}

// foreign is a child's own SubConn, which wraps one of ours.
type foreign struct{ balancer.SubConn }

// Waiting calls get the errors of a new picker, too.
func TestErrorsWhileCallsWait(t *testing.T) {
	t.Parallel()
	config, built := legacyChild(t, pickIt)
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{ServiceConfig: config, MaxConnections: 1})
		held := hold(t, client, 1)
		child := <-built
		waiting := holdLater(t, t.Context(), client)
		child.cc.UpdateState(balancer.State{ConnectivityState: connectivity.Ready, Picker: base.NewErrPicker(status.Error(codes.ResourceExhausted, "dropped"))})
		if !waiting.has() {
			t.Fatal("a call waits, though it should be dropped")
		}
		wantError(t, "a call that waited", waiting.err, codes.ResourceExhausted, "dropped")
		wantWaiting(t, "it was dropped", client, 0)
		held[0].end()
	})
}

// Each pick of a child is done once, whatever happens to the call: it runs, waits,
// gives up, is picked again with another picker, or the client is closed.
func TestEachPickIsDoneOnce(t *testing.T) {
	t.Parallel()
	var picks, done atomic.Int64
	config, built := legacyChild(t, func(_ balancer.PickInfo, sub balancer.SubConn) (balancer.PickResult, error) {
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
				t.Errorf("%s: %d picks, and %d of them are done; want %d and %d", when, picks.Load(), done.Load(), p, d)
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

// The counts of least_request are exact: each of its picks is done once, even if a call
// waits, gives up, or is moved to another server.
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
			wantWhere(t, "the same number on each", held, map[string]int{"a": 10, "b": 10})
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
			synctest.Wait() // the policy has counted the ends
		}
	})
}
