package connscale_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"

	"github.com/gohostrpc/gohost/connscale"
)

// For a minute, workers make calls of all kinds while connections are cut, and servers
// stop gracefully or abruptly. Afterwards no call is counted any more. The bubble
// checks that no goroutine is left.
func TestChaos(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]connscale.Options{
		"pick_first":                     {IdleTimeout: 100 * time.Millisecond},
		"round_robin":                    {ServiceConfig: roundRobin, MaxConnections: 3},
		"round_robin with health checks": {ServiceConfig: checkHealth, IdleTimeout: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				c := &chaos{network: n, servers: make(map[string]*grpc.Server)}
				for _, address := range []string{"a", "b", "c"} {
					c.restart(t, address)
				}
				r, target := resolved("a", "b", "c")
				c.client = n.clientOf(t, target, opts, grpc.WithResolvers(r), grpc.WithConnectParams(grpc.ConnectParams{
					Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.5, MaxDelay: time.Second},
					MinConnectTimeout: time.Second,
				}))
				var all sync.WaitGroup
				for i := range uint64(80) {
					all.Add(1)
					go func() {
						defer all.Done()
						c.work(t.Context(), rand.New(rand.NewPCG(i, 16)))
					}()
				}
				c.disturb(t, rand.New(rand.NewPCG(16, 16)), r.UpdateState)
				c.over.Store(true)
				all.Wait()
				t.Logf("%d calls succeeded, %d failed, %d connections were tried", c.succeeded.Load(), c.failed.Load(), len(n.dialled()))
				if c.succeeded.Load() < 2_000 || c.failed.Load() < 100 {
					t.Error("too few calls succeeded or failed: the test proves nothing")
				}
				r.UpdateState(endpoints("a", "b", "c"))
				if err := unary(t.Context(), c.client, grpc.WaitForReady(true)); err != nil {
					t.Errorf("a call afterwards: %v", err)
				}
				if got := c.client.GetState(); got != connectivity.Ready {
					t.Errorf("the state afterwards is %v", got)
				}
			})
		})
	}
}

type chaos struct {
	*network
	client  *connscale.Client
	servers map[string]*grpc.Server
	over    atomic.Bool

	succeeded, failed atomic.Int64
}

// restart starts a server at address, which also ends its connections by itself.
func (c *chaos) restart(t *testing.T, address string) {
	t.Helper()
	c.servers[address], _ = c.serveHealth(t, address, grpc.MaxConcurrentStreams(4),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 5 * time.Second, MaxConnectionAgeGrace: time.Second}),
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			select { // return with the call: grpc's server holds a lock until the next call has a handler
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
			return handler(ctx, req)
		}))
}

// work makes calls until the chaos is over.
func (c *chaos) work(ctx context.Context, rnd *rand.Rand) {
	for !c.over.Load() {
		err := c.call(ctx, rnd)
		if err == nil {
			c.succeeded.Add(1)
		} else {
			c.failed.Add(1)
		}
		time.Sleep(time.Duration(rnd.IntN(200*slow)) * time.Millisecond)
	}
}

// call makes a call and sometimes cancels it.
func (c *chaos) call(ctx context.Context, rnd *rand.Rand) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(rnd.IntN(2000))*time.Millisecond)
	defer cancel()
	if rnd.IntN(10) == 0 {
		after := time.AfterFunc(time.Duration(rnd.IntN(100))*time.Millisecond, cancel)
		defer after.Stop()
	}
	wait := grpc.WaitForReady(rnd.IntN(2) == 0)
	if rnd.IntN(4) > 0 {
		return unary(ctx, c.client, wait)
	}
	s, err := open(ctx, c.client, wait)
	if err != nil {
		return err
	}
	time.Sleep(time.Duration(rnd.IntN(600)) * time.Millisecond)
	s.end()
	return nil
}

// disturb breaks something every now and then, for a minute.
func (c *chaos) disturb(t *testing.T, rnd *rand.Rand, tell func(resolver.State)) {
	t.Helper()
	all := []string{"a", "b", "c"}
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(time.Duration(rnd.IntN(300)) * time.Millisecond) {
		address := all[rnd.IntN(3)]
		switch rnd.IntN(8) {
		case 0:
			c.servers[address].Stop()
			c.restart(t, address)
		case 1:
			go c.servers[address].GracefulStop()
			c.restart(t, address)
		case 2:
			c.cutAll()
		case 3:
			c.setRefuse(func(context.Context, try) error { return errRefused })
			time.Sleep(time.Duration(rnd.IntN(500)) * time.Millisecond)
			c.setRefuse(nil)
		case 4:
			tell(endpoints(all[:1+rnd.IntN(3)]...))
		default:
			c.cut(rnd.IntN(len(c.made())))
		}
	}
}
