package connscale_test

import (
	"context"
	"slices"

	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/balancer/base"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/health" // without it, grpc asks for nothing
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/testdata/squares"
)

const checkHealth = `{"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}}`

// serveHealth serves square and the health service at address.
func (n *network) serveHealth(t *testing.T, address string, opts ...grpc.ServerOption) (*grpc.Server, *health.Server) {
	t.Helper()
	h := health.NewServer()
	server := grpc.NewServer(opts...)
	squares.RegisterSquareService(server, square{})
	healthpb.RegisterHealthServer(server, h)
	n.start(t, address, server)
	return server, h
}

// where counts streams by the addresses of their servers.
func where(t *testing.T, streams []*stream) map[string]int {
	t.Helper()
	count := make(map[string]int)
	for _, s := range streams {
		on := s.on(t)
		count[on[:slices.Index([]byte(on), '#')]]++
	}
	return count
}

func wantWhere(t *testing.T, when string, streams []*stream, want map[string]int) {
	t.Helper()
	got := where(t, streams)
	if len(got) != len(want) {
		t.Fatalf("%s: calls are on %v, want %v", when, got, want)
	}
	for address, n := range want {
		if d := got[address] - n; d < -1 || 1 < d { // a new picker may begin with any address
			t.Errorf("%s: calls are on %v, want %v", when, got, want)
		}
	}
}

// A server that says that it is not serving gets no more calls on any connection, until
// it serves again.
func TestAServerThatIsNotHealthy(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		servers := make(map[string]*health.Server)
		for _, address := range []string{"a", "b", "c"} {
			_, servers[address] = n.serveHealth(t, address, grpc.MaxConcurrentStreams(4))
		}
		resolver, target := resolved("a", "b", "c")
		client := n.clientOf(t, target, connscale.Options{ServiceConfig: checkHealth}, grpc.WithResolvers(resolver))
		wantUnary(t, "the servers are healthy", client)
		synctest.Wait() // for the others
		held := hold(t, client, 18)
		wantWhere(t, "three servers", held, map[string]int{"a": 6, "b": 6, "c": 6})
		wantStreams(t, "one stream is kept for the health", client, 3, 3, 3, 3, 3, 3)

		servers["b"].SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
		synctest.Wait()
		more := hold(t, client, 10)
		wantWhere(t, "two servers", more, map[string]int{"a": 5, "c": 5})
		servers["b"].SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
		synctest.Wait()
		wantWhere(t, "three servers again", hold(t, client, 9), map[string]int{"a": 3, "b": 3, "c": 3})
		for _, s := range held {
			s.wantEnd(t, codes.Canceled)
		}

		for _, server := range servers {
			server.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
		}
		synctest.Wait()
		if err := unary(t.Context(), client); status.Code(err) != codes.Unavailable {
			t.Errorf("no server is healthy, but a call ends with %v", err)
		}
	})
}

// When the connection with the health stream is lost, the health is watched on another
// one. The child does not notice.
func TestTheHealthMovesToAnotherConnection(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		_, h := n.serveHealth(t, "server", grpc.MaxConcurrentStreams(2))
		client := n.client(t, connscale.Options{ServiceConfig: checkHealth})
		held := hold(t, client, 3)
		wantStreams(t, "one stream is kept for the health", client, 1, 1, 1)
		states := statesOf(t, client)
		time.Sleep(time.Second)
		n.cut(0)
		synctest.Wait()
		wantStreams(t, "the first is cut", client, 1, 1)
		if got := states(); !slices.Equal(got, []connectivity.State{connectivity.Ready}) {
			t.Errorf("the states of the client were %v", got)
		}
		states = statesOf(t, client)
		h.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
		synctest.Wait()
		h.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
		if got := states(); !slices.Equal(got, []connectivity.State{connectivity.Ready, connectivity.TransientFailure, connectivity.Ready}) {
			t.Errorf("the states of the client were %v", got)
		}
		wantUnary(t, "healthy again", client)
		held[0].wantEnd(t, codes.Unavailable)
	})
}

// The health is watched on one connection at a time, and moves only when that is lost.
func TestTheHealthIsAskedOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		server := n.serveFrames(t, "server", &frames{limits: []uint32{2}})
		client := n.client(t, connscale.Options{ServiceConfig: checkHealth})
		hold(t, client, 4)
		time.Sleep(time.Second)
		for _, step := range []struct {
			cut  int
			want []int
		}{{2, []int{0}}, {0, []int{0, 1}}, {1, []int{0, 1, 3}}} {
			n.cut(step.cut)
			synctest.Wait()
			if got := server.watchedOn(); !slices.Equal(got, step.want) {
				t.Errorf("the connection %d is cut, and the health was asked for on %v, want %v", step.cut, got, step.want)
			}
		}
	})
}

// When the health stream breaks but its connection does not, the health is unknown
// until it is watched again, and the child learns this, as it would from grpc. This is
// true of the first connection, and of one that the watch has moved to.
func TestTheHealthOfTheSameConnection(t *testing.T) {
	t.Parallel()
	for moves := range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				server := grpc.NewServer(grpc.MaxConcurrentStreams(2))
				squares.RegisterSquareService(server, square{})
				w := &watcher{answers: make(chan error)}
				healthpb.RegisterHealthServer(server, w)
				n.start(t, "server", server)
				client := n.client(t, connscale.Options{ServiceConfig: checkHealth})
				client.Connect()
				w.answers <- nil
				hold(t, client, 2)
				time.Sleep(time.Second)
				for range moves {
					n.cut(0)
					synctest.Wait()
					w.answers <- nil
				}
				wantUnary(t, "the server is healthy", client)
				states := statesOf(t, client)
				w.answers <- context.Canceled
				time.Sleep(10 * time.Second)
				waiting := holdLater(t, t.Context(), client)
				if waiting.has() {
					t.Error("a call does not wait while the health is unknown")
				}
				w.answers <- nil
				waiting.wantBegun(t, "the server is healthy")
				if got, want := states(), []connectivity.State{connectivity.Ready, connectivity.Connecting, connectivity.Ready}; !slices.Equal(got, want) {
					t.Errorf("the states of the client were %v, want %v", got, want)
				}
				close(w.answers)
			})
		})
	}
}

// When a child stops listening to the health, calls may use its stream.
func TestAChildThatListensNoMore(t *testing.T) {
	t.Parallel()
	config, built := legacyChild(t, pickIt)
	config = config[:len(config)-1] + `, "healthCheckConfig": {"serviceName": ""}}`
	bubble(t, func(t *testing.T, n *network) {
		_, h := n.serveHealth(t, "server", grpc.MaxConcurrentStreams(2))
		client := n.client(t, connscale.Options{ServiceConfig: config, MaxConnections: 1})
		hold(t, client, 1)
		child := <-built
		var heard []connectivity.State
		child.sub.RegisterHealthListener(func(s balancer.SubConnState) { heard = append(heard, s.ConnectivityState) })
		waiting := holdLater(t, t.Context(), client)
		if waiting.has() {
			t.Fatal("a call does not wait, though the last stream is kept free")
		}
		child.sub.RegisterHealthListener(nil)
		waiting.wantBegun(t, "no stream is kept")
		h.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
		synctest.Wait()
		if want := []connectivity.State{connectivity.Connecting, connectivity.Ready}; !slices.Equal(heard, want) {
			t.Errorf("the child was told %v, want %v", heard, want)
		}
	})
}

// watcher answers a watch of the health when the test says so: with SERVING or an
// error.
type watcher struct {
	healthpb.UnimplementedHealthServer
	answers chan error
}

func (w *watcher) Watch(_ *healthpb.HealthCheckRequest, stream healthpb.Health_WatchServer) error {
	for {
		select {
		case err, ok := <-w.answers:
			if !ok {
				<-stream.Context().Done()
			}
			if err != nil {
				return err
			}
		case <-stream.Context().Done():
			return nil
		}
		if err := stream.Send(&healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}); err != nil {
			return err
		}
	}
}

// If the server allows one stream and its health is checked, no stream is left for
// calls.
func TestAllStreamsAreForTheHealth(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"listener": checkHealth,
		"legacy":   `{"loadBalancingConfig": [{"test_legacy_health": {}}], "healthCheckConfig": {"serviceName": ""}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serveHealth(t, "server", grpc.MaxConcurrentStreams(1))
				client := n.client(t, connscale.Options{ServiceConfig: config, MaxConnections: 2})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				wantError(t, "a call", unary(ctx, client), codes.DeadlineExceeded,
					"context deadline exceeded while waiting for a stream: all of the 2 connections are full, "+
						"since the one stream that the server allows on each is kept free for its health check")
				for _, c := range client.Stats().Connections {
					if c.Limit != 0 {
						t.Errorf("the limit is %d, want 0", c.Limit)
					}
				}
			})
		})
	}
}

// Without a healthCheckConfig no stream is kept free, even if the child listens.
func TestNoStreamIsKeptWithoutChecks(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		client := n.client(t, connscale.Options{ServiceConfig: roundRobin, MaxConnections: 2})
		hold(t, client, 2)
		wantStreams(t, "all streams are used", client, 1, 1)
		for _, c := range client.Stats().Connections {
			if c.Limit != 1 {
				t.Errorf("the limit is %d, want 1", c.Limit)
			}
		}
	})
}

// If a child asks for the health without a listener, its connections become ready when
// the server is healthy.
func TestTheHealthOfLegacyChildren(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		config := `{"loadBalancingConfig": [{"test_legacy_health": {}}], "healthCheckConfig": {"serviceName": ""}}`
		_, h := n.serveHealth(t, "server", grpc.MaxConcurrentStreams(3))
		client := n.client(t, connscale.Options{ServiceConfig: config})
		held := hold(t, client, 5)
		wantStreams(t, "one stream of each is kept", client, 2, 2, 1)
		h.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
		synctest.Wait()
		if err := unary(t.Context(), client); status.Code(err) != codes.Unavailable {
			t.Errorf("the server is not healthy, but a call ends with %v", err)
		}
		waiting := holdLater(t, t.Context(), client, grpc.WaitForReady(true))
		if waiting.has() {
			t.Error("a call does not wait for a healthy server")
		}
		for _, s := range held {
			s.wantEnd(t, codes.Canceled)
		}
		h.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
		waiting.wantBegun(t, "the server is healthy again")
	})
}

func init() {
	balancer.Register(base.NewBalancerBuilder("test_legacy_health", firstReady{}, base.Config{HealthCheck: true}))
}

// firstReady picks the first SubConn that is ready.
type firstReady struct{}

func (firstReady) Build(info base.PickerBuildInfo) balancer.Picker {
	for s := range info.ReadySCs {
		return always{balancer.PickResult{SubConn: s}}
	}
	return base.NewErrPicker(balancer.ErrNoSubConnAvailable)
}

// always picks the same result.
type always struct{ result balancer.PickResult }

func (a always) Pick(balancer.PickInfo) (balancer.PickResult, error) { return a.result, nil }
