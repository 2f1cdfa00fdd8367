package connscale_test

import (
	"context"
	"iter"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/testdata/squares"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	msg  = squares.Message
	msgs = iter.Seq2[*squares.Message, error]
)

// square has streams that yield one message and go on until they are left.
type square struct {
	squares.UnimplementedSquareService
}

func (square) Square(_ context.Context, req *msg) (*msg, error) { return req, nil }

func (square) RangeSquare(ctx context.Context, req *msg) msgs {
	return func(yield func(*msg, error) bool) {
		if yield(req, nil) {
			<-ctx.Done()
		}
	}
}

func dial(t *testing.T, listener *bufconn.Listener, opts connscale.Options, dialOpts ...grpc.DialOption) *connscale.Client {
	t.Helper()
	client, err := connscale.NewClient("passthrough:///channel", insecure.NewCredentials(), opts,
		append(dialOpts, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestScales(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener := inmemory.Serve(t, func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, square{}) }, grpc.MaxConcurrentStreams(10))
		client := dial(t, listener, connscale.Options{MaxConnections: 100})
		service := squares.NewSquareServiceStub(client)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var running, done sync.WaitGroup
		for range 1000 {
			running.Add(1)
			done.Add(1)
			go func() {
				defer done.Done()
				for _, err := range service.RangeSquare(ctx, &msg{}) {
					if err == nil {
						running.Done()
					}
				}
			}()
		}
		running.Wait()
		t.Log(len(client.Stats().Connections), client.Stats().Waiting)
		cancel()
		done.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		t.Log(len(client.Stats().Connections), client.Stats().Waiting)
	})
}
