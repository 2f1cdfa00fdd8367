package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// visit is a call of a client that comes and goes.
func visit(ctx context.Context, s squares.SquareServiceStub) error {
	ctx, cancel := context.WithTimeout(ctx, rand.N(2*time.Second))
	defer cancel()
	if rand.N(2) == 0 {
		defer time.AfterFunc(rand.N(time.Second), cancel).Stop()
	}
	requests, responses := rand.N(10), rand.N(10)
	var some []string
	for kind := range kinds {
		some = append(some, kind)
	}
	for _, err := range kinds[some[rand.N(len(some))]](ctx, s, func(yield func(*msg, error) bool) {
		for i := 0; i <= requests && yield(&msg{Message: float64(i)}, nil); i++ {
			select {
			case <-time.After(rand.N(200 * time.Millisecond)):
			case <-ctx.Done():
				return
			}
		}
	}) {
		if err != nil {
			return err
		}
		if responses--; responses < 0 {
			break
		}
	}
	return nil
}

// A thousand clients come and go for a minute, while the upstream is killed again and
// again. They leave no calls, connections or goroutines behind, and never see the name
// of a backend.
func TestClientsComeAndGo(t *testing.T) { //nolint:paralleltest // goroutines are counted
	const clients = 1000
	minute := time.Minute
	if testing.Short() {
		minute = 5 * time.Second
	}
	addr := proc.Addr(t)
	backend := startBackend(t, addr)
	nginx := proc.Nginx(t, addr)
	var inside, outside inmemory.Open
	var fronts []string
	for mode := range modes {
		for _, upstream := range []string{addr, nginx} {
			fronts = append(fronts, startGateway(t, mode, upstream, []grpc.ServerOption{grpc.StatsHandler(&inside)}, outside.Dial()...))
		}
	}
	before := runtime.NumGoroutine()

	ctx, cancel := context.WithTimeout(t.Context(), minute)
	defer cancel()
	var running sync.WaitGroup
	var calls, failed atomic.Int64
	for range clients {
		running.Go(func() {
			for ctx.Err() == nil {
				front := fronts[rand.N(len(fronts))]
				conn, err := grpc.NewClient("passthrough:///"+front, grpc.WithTransportCredentials(insecure.NewCredentials()))
				if err != nil {
					t.Error(err)
					return
				}
				s := squares.NewSquareServiceStub(conn).With(gohost.Host(publicHost))
				for range 1 + rand.N(3) {
					calls.Add(1)
					if err := visit(ctx, s); err != nil {
						failed.Add(1)
						if secret := names(err, addr, nginx); secret != "" {
							t.Errorf("a client got %v, which names %s", err, secret)
						}
					}
				}
				conn.Close() //nolint:errcheck // nothing to lose
				select {
				case <-time.After(rand.N(2 * time.Second)):
				case <-ctx.Done():
				}
			}
		})
	}
	for ctx.Err() == nil {
		select {
		case <-time.After(minute / 10):
			backend.Kill()
			backend = startBackend(t, addr)
		case <-ctx.Done():
		}
	}
	running.Wait()
	proc.Wait(t, "all calls to end", func() bool { return inside.Calls.Load() == 0 && outside.Calls.Load() == 0 })
	proc.Wait(t, "the connections of clients to end", func() bool { return inside.Conns.Load() == 0 })
	// Connections to the upstream have goroutines, which did not exist before.
	most := before + 10*len(fronts)
	proc.Wait(t, "the goroutines to end", func() bool { return runtime.NumGoroutine() <= most })
	t.Attr("seen", fmt.Sprintf("%d calls, %d of them failed", calls.Load(), failed.Load()))
	if n := failed.Load(); n < calls.Load()/10 || n > calls.Load()*9/10 {
		t.Errorf("%d of %d calls have failed: the test proves too little", n, calls.Load())
	}
}
