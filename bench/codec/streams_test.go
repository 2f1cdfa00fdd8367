package codec

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/bench/codecpb"
	"github.com/gohostrpc/gohost/stream"
)

// orders serves random orders.
type orders struct {
	codecpb.UnimplementedOrders
	contentType atomic.Value
	failures    atomic.Int32 // the number of uploads that fail first
}

// numbered yields random orders, the same each time.
func numbered(count int) iter.Seq2[*codecpb.Order, error] {
	return func(yield func(*codecpb.Order, error) bool) {
		r := rand.New(rand.NewPCG(1, uint64(count)))
		for range count {
			m := random(r, (*codecpb.Order)(nil)).(*codecpb.Order)
			forget(m.ProtoReflect())
			if !yield(m, nil) {
				return
			}
		}
	}
}

// returned yields what seq yields, and returns each message to vtprotobuf's pool after
// yield has returned.
func returned(seq iter.Seq2[*codecpb.Order, error]) iter.Seq2[*codecpb.Order, error] {
	return func(yield func(*codecpb.Order, error) bool) {
		for m, err := range seq {
			goOn := yield(m, err)
			m.ReturnToVTPool()
			if !goOn {
				return
			}
		}
	}
}

func (o *orders) Download(ctx context.Context, amount *codecpb.Amount) iter.Seq2[*codecpb.Order, error] {
	md, _ := metadata.FromIncomingContext(ctx)
	o.contentType.Store(fmt.Sprint(md.Get("content-type")))
	return returned(numbered(int(amount.GetCount())))
}

func (o *orders) Upload(_ context.Context, msgs iter.Seq2[*codecpb.Order, error]) (*codecpb.Order, error) {
	if o.failures.Add(-1) >= 0 {
		for _, err := range msgs {
			return nil, status.Errorf(codes.Unavailable, "try again: %v", err)
		}
	}
	return new(codecpb.Order), checkNumbered(msgs, 50)
}

func (o *orders) Chat(_ context.Context, msgs iter.Seq2[*codecpb.Order, error]) iter.Seq2[*codecpb.Order, error] {
	return msgs
}

// checkNumbered compares seq, message by message, with numbered.
func checkNumbered(seq iter.Seq2[*codecpb.Order, error], count int) error {
	next, stop := iter.Pull2(numbered(count))
	defer stop()
	n := 0
	for got, err := range seq {
		if err != nil {
			return err
		}
		if want, _, ok := next(); !ok || !proto.Equal(got, want) {
			return status.Errorf(codes.DataLoss, "message %d = %v, want %v", n, got, want)
		}
		n++
	}
	if n != count {
		return status.Errorf(codes.DataLoss, "%d messages, want %d", n, count)
	}
	return nil
}

const retrying = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 3,
	"initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

// start returns a stub of a server that reuses requests. server and client say which
// sides use package vtcodec.
func start(t *testing.T, service *orders, server, client bool) codecpb.OrdersStub {
	t.Helper()
	var serverOpts []grpc.ServerOption
	dial := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(retrying)}
	if server {
		serverOpts = append(serverOpts, grpc.ForceServerCodecV2(vt))
	}
	if client {
		dial = append(dial, grpc.WithDefaultCallOptions(grpc.ForceCodecV2(vt)))
	}
	s := grpc.NewServer(serverOpts...)
	codecpb.RegisterOrders(stream.ReuseRequests(s), service)
	listener := bufconn.Listen(1 << 16)
	go s.Serve(listener) //nolint:errcheck // it ends with the test
	cc, err := grpc.NewClient("passthrough:///orders", append(dial, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return listener.DialContext(ctx)
	}))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cc.Close()
		s.Stop()
	})
	return codecpb.NewOrdersStub(cc)
}

// Streams carry the same messages with either codec on each side, even if received
// messages are reused, and sent ones go to a pool or are sent again.
func TestStreams(t *testing.T) {
	t.Parallel()
	for _, server := range []bool{false, true} {
		for _, client := range []bool{false, true} {
			t.Run(fmt.Sprintf("server %v, client %v", server, client), func(t *testing.T) {
				t.Parallel()
				service := new(orders)
				service.failures.Store(2)
				stub := start(t, service, server, client).With(stream.ReuseMessages())
				if _, err := stub.Upload(t.Context(), returned(numbered(50))); err != nil {
					t.Error("client streaming:", err)
				}
				if err := checkNumbered(stub.Download(t.Context(), &codecpb.Amount{Count: 50}), 50); err != nil {
					t.Error("server streaming:", err)
				}
				if err := checkNumbered(stub.Chat(t.Context(), returned(numbered(50))), 50); err != nil {
					t.Error("bidirectional:", err)
				}
				want := "[application/grpc]"
				if client { // a forced codec has its name on the wire
					want = "[application/grpc+proto]"
				}
				if got := service.contentType.Load(); got != want {
					t.Errorf("content-type = %v, want %v", got, want)
				}
			})
		}
	}
}

// Fresh messages do not change, whatever happens to reused ones, whose parts go to the
// pool that fresh ones may come from.
func TestFreshMessagesAreKept(t *testing.T) {
	t.Parallel()
	stub := start(t, new(orders), true, true)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				if err := checkNumbered(stub.With(stream.ReuseMessages()).Download(t.Context(), &codecpb.Amount{Count: 50}), 50); err != nil {
					t.Error("reused:", err)
				}
			}
		})
		all.Go(func() {
			kept, err := stream.Collect(stub.Download(t.Context(), &codecpb.Amount{Count: 200}))
			if err != nil {
				t.Error(err)
			}
			if err := checkNumbered(stream.Of(kept...), 200); err != nil {
				t.Error("kept:", err)
			}
		})
	}
	all.Wait()
}
