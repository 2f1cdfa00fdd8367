package gateway_test

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// moody is an upstream that behaves at random.
func moody(ctx context.Context, reqs msgs, send func(*msg) bool) error {
	if rand.N(2) == 0 {
		_ = grpc.SendHeader(ctx, metadata.Pairs("server", "backend-7"))
	}
	_ = grpc.SetTrailer(ctx, metadata.Pairs("via", "backend-7"))
	switch rand.N(5) {
	case 0: // an early answer
		send(first(reqs))
		return nil
	case 1: // an early error
		return status.Error(codes.Code(rand.N(17)), "lab.internal has enough")
	case 2: // silence
		<-ctx.Done()
		return ctx.Err()
	}
	for req, err := range reqs {
		if err != nil {
			return err
		}
		time.Sleep(rand.N(100 * time.Millisecond))
		if !send(req) {
			return nil
		}
	}
	return nil
}

// visit is a call of a client that may leave at any time.
func visit(ctx context.Context, k kind, s stubOf) error {
	ctx, cancel := context.WithTimeout(ctx, rand.N(time.Second))
	defer cancel()
	if rand.N(2) == 0 {
		time.AfterFunc(rand.N(time.Second), cancel)
	}
	requests, responses := rand.N(10), rand.N(10)
	for _, err := range k.open(ctx, s, func(yield func(*msg, error) bool) {
		for i := 0; ; i++ {
			if i > requests && rand.N(2) == 0 {
				return
			}
			if !yield(num(float64(i)), nil) {
				return
			}
			if i > 0 {
				select {
				case <-time.After(rand.N(100 * time.Millisecond)):
				case <-ctx.Done():
					return
				}
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

// A thousand clients that come and go leak nothing, and learn of no backend.
func TestClientsComeAndGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const clients = 1000
		var inside, outside, beyond inmemory.Open
		var cuts connections
		upstream := grpc.NewServer(grpc.WaitForHandlers(true), grpc.StatsHandler(&beyond))
		squares.RegisterSquareService(upstream, service(moody))
		dialUpstream := serve(t, upstream)
		var gateways []dialer
		for _, m := range modes {
			conn := dial(t, upstreamAddr, func(ctx context.Context, addr string) (net.Conn, error) {
				return cuts.add(dialUpstream(ctx, addr))
			}, outside.Dial()...)
			server := grpc.NewServer(append(m.server[:len(m.server):len(m.server)], grpc.WaitForHandlers(true), grpc.StatsHandler(&inside))...)
			squares.RegisterSquareService(server, squares.NewSquareServiceStub(gateway.Conn(conn, m.opts...)).With(gohost.Host(upstreamHost)))
			gateways = append(gateways, serve(t, server))
		}
		var running sync.WaitGroup
		var failed atomic.Int64
		for range clients {
			running.Add(1)
			go func() {
				defer running.Done()
				time.Sleep(rand.N(10 * time.Second))
				if rand.N(clients/20) == 0 {
					cuts.cut()
				}
				if err := comeAndGo(t, gateways[rand.N(len(gateways))]); err != nil {
					failed.Add(1)
					if namesSecret(err.Error()) || namesSecret(status.Convert(err).Proto().String()) {
						t.Errorf("a client gets %v", err)
					}
				}
			}()
		}
		running.Wait()
		time.Sleep(time.Minute) // draining after a call is limited
		synctest.Wait()
		for where, o := range map[string]*inmemory.Open{"the gateways": &inside, "their connections": &outside, "the upstream": &beyond} {
			if n := o.Calls.Load(); n != 0 {
				t.Errorf("%s have %d calls left", where, n)
			}
		}
		if n := inside.Conns.Load(); n != 0 {
			t.Errorf("%d connections of clients are left", n)
		}
		if n := beyond.Conns.Load(); n > int64(len(gateways)) {
			t.Errorf("%d connections to the upstream are left", n)
		}
		if n := failed.Load(); n < clients/10 || n > clients*9/10 {
			t.Errorf("%d of %d calls have failed: that tests little", n, clients)
		}
	})
}

// comeAndGo is a client with its own connection for one call.
func comeAndGo(t *testing.T, dialer dialer) error {
	t.Helper()
	own, err := grpc.NewClient("passthrough:///gateway", grpc.WithContextDialer(dialer), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Error(err)
		return nil
	}
	defer own.Close() //nolint:errcheck // the call has ended
	if rand.N(10) == 0 {
		time.AfterFunc(rand.N(time.Second), func() { _ = own.Close() })
	}
	return visit(t.Context(), kinds[rand.N(len(kinds))], squares.NewSquareServiceStub(own).With(gohost.Host(publicHost)))
}
