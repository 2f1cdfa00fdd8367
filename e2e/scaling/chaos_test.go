package scaling

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// chaosEnv is how long each case of chaos lasts, if not as long as in CI.
const chaosEnv = "GOHOST_E2E_CHAOS"

// Connections are cut and refused, servers end them when they are old, and more calls
// are made than there is room for. Afterwards all calls have ended, all counts are 0,
// and no goroutine is left. "make e2e" runs this under the race detector.
//
// In the last third nothing is cut, so that connections with a wrong count would
// remain. For the same reason, connections have no maximum age in one of the cases.
func TestChaos(t *testing.T) { //nolint:paralleltest // it counts goroutines
	lasts := 12 * time.Second
	if text := os.Getenv(chaosEnv); text != "" {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", chaosEnv, err)
		}
	}
	for _, test := range []struct { //nolint:paralleltest // one after the other
		policy  string
		servers int
		age     time.Duration // the maximum age of a connection, or 0
	}{{"pick_first", 1, 0}, {"round_robin", 3, 500 * time.Millisecond}} {
		t.Run(test.policy, func(t *testing.T) {
			goroutines := runtime.NumGoroutine()
			t.Run("80 workers", func(t *testing.T) { chaos(t, test.policy, test.servers, test.age, lasts) })
			// By now everything should have ended.
			deadline := time.Now().Add(10 * time.Second)
			for runtime.NumGoroutine() > goroutines && time.Now().Before(deadline) {
				time.Sleep(10 * time.Millisecond)
			}
			if n := runtime.NumGoroutine(); n > goroutines {
				stacks := make([]byte, 1<<20)
				t.Errorf("%d goroutines are left, %d before\n%s", n, goroutines, stacks[:runtime.Stack(stacks, true)])
			}
		})
	}
}

func chaos(t *testing.T, policy string, servers int, age, lasts time.Duration) {
	t.Helper()
	var cutters []*cutter
	var state resolver.State
	for range servers {
		c := startCutter(t, startAging(t, age))
		cutters = append(cutters, c)
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: c.addr}}})
	}
	builder := manual.NewBuilderWithScheme("chaos")
	builder.InitialState(state)
	client := dial(t, "chaos:///servers", connscale.Options{
		MaxConnections: 6, // with 5 streams: fewer than there are workers
		IdleTimeout:    200 * time.Millisecond,
		ServiceConfig:  fmt.Sprintf(`{"loadBalancingConfig": [{%q: {}}]}`, policy),
	}, grpc.WithResolvers(builder), grpc.WithConnectParams(grpc.ConnectParams{
		Backoff: backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.6, MaxDelay: 200 * time.Millisecond},
	}))

	ctx, stop := context.WithTimeout(t.Context(), lasts)
	defer stop()
	var calls counts
	var most atomic.Int32 // connections
	var running sync.WaitGroup
	for range 80 {
		running.Go(func() {
			for ctx.Err() == nil {
				calls.add(t, call(t.Context(), squares.NewSquareServiceStub(client)))
			}
		})
	}
	for begun := time.Now(); time.Since(begun) < lasts*2/3; {
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
		disturb(cutters[rand.IntN(len(cutters))])
		most.Store(max(most.Load(), int32(len(client.Stats().Connections))))
	}
	for _, c := range cutters {
		c.refusing.Store(false)
	}
	running.Wait()
	waitForNone(t, client)

	proc.Wait(t, "a call after it all", func() bool { // its connection may have just been cut
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		_, err := squares.NewSquareServiceStub(client).Square(ctx, new(message))
		return err == nil
	})
	proc.Wait(t, "idle connections to close", func() bool { return len(client.Stats().Connections) <= servers })
	var cuts int32
	for _, c := range cutters {
		cuts += c.cuts.Load()
	}
	seen(t, "%v; %d cuts, at the most %d connections", &calls, cuts, most.Load())
	if calls.of(codes.OK) == 0 || cuts == 0 {
		t.Error("no calls or cuts: nothing was tested")
	}
}

// startAging starts an in-process server that ends connections of that age, and their
// calls.
func startAging(t *testing.T, age time.Duration) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.MaxConcurrentStreams(5), grpc.KeepaliveParams(keepalive.ServerParameters{
		MaxConnectionAge: age, MaxConnectionAgeGrace: 50 * time.Millisecond,
	}))
	squares.RegisterSquareService(server, backend{})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// disturb does one random thing.
func disturb(c *cutter) {
	switch reset := rand.IntN(2) == 0; rand.IntN(20) {
	case 0:
		c.cut(-1, reset)
	case 1, 2:
		c.refusing.Store(true)
	case 3, 4, 5, 6:
		c.refusing.Store(false)
	default:
		c.cut(1, reset)
	}
}

// call makes one call, whose deadline may be near, and returns its error. If the
// deadline is far, the call must not last until then.
func call(ctx context.Context, service squares.SquareServiceStub) error {
	limit, far := time.Duration(rand.IntN(100))*time.Millisecond, rand.IntN(3) > 0
	if far {
		limit = 20 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := anyOf(ctx, cancel, service)
	if far && status.Code(err) == codes.DeadlineExceeded {
		return status.Errorf(codes.Unknown, "it hangs: %v", err)
	}
	return err
}

// anyOf makes a call of a random kind.
func anyOf(ctx context.Context, cancel context.CancelFunc, service squares.SquareServiceStub) error {
	some := rand.IntN(20) + 1
	if rand.IntN(2) == 0 {
		service = service.With(grpc.WaitForReady(true))
	}
	switch rand.IntN(5) {
	case 0: // left after some messages
		return ranged(service.RangeSquare(ctx, &message{Message: 100}), some)
	case 1: // ends by its server
		return ranged(service.RangeSquare(ctx, &message{Message: float64(some)}), -1)
	case 2: // endless, and cancelled
		time.AfterFunc(time.Duration(some)*time.Millisecond, cancel)
		return ranged(service.RangeSquare(ctx, &message{Message: endless}), -1)
	case 3:
		return ranged(service.StreamrangeSquare(ctx, func(yield func(*message, error) bool) {
			for range some {
				if !yield(new(message), nil) {
					return
				}
			}
		}), -1)
	default:
		_, err := service.Square(ctx, new(message))
		return err
	}
}

// ranged ranges over n messages, or over all if n is -1.
func ranged(all messages, n int) error {
	for _, err := range all {
		if n--; err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// counts counts calls by how they ended.
type counts struct {
	mu    sync.Mutex
	codes map[codes.Code]int
}

// add counts a call by its error, which must be one that the chaos causes.
func (c *counts) add(t *testing.T, err error) {
	t.Helper()
	code := status.Code(err)
	switch code {
	case codes.OK, codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
	default:
		t.Errorf("a call ends with %v", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		code = codes.DeadlineExceeded
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.codes == nil {
		c.codes = make(map[codes.Code]int)
	}
	c.codes[code]++
}

func (c *counts) of(code codes.Code) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.codes[code]
}

func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for code, n := range c.codes {
		all = append(all, fmt.Sprintf("%d %v", n, code))
	}
	slices.Sort(all)
	return "calls: " + strings.Join(all, ", ")
}
