package etcd

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	rpc "github.com/gohostrpc/gohost/e2e/etcd/stubs/etcdserverpbgohost"
)

// The watched keys are from first to before end.
const first, end = "k/", "k0"

func key(i int) string { return fmt.Sprintf("%s%06d", first, i) }

// store is the store that keys are put into.
type store struct{ kv rpc.KVStub }

func newStore(t *testing.T, s *server) store {
	t.Helper()
	return store{rpc.NewKVStub(s.dial(t, new(atomic.Int32))).With(grpc.WaitForReady(true))}
}

// revision returns the revision of the store.
func (db store) revision(t *testing.T) int64 {
	t.Helper()
	res, err := db.kv.Range(t.Context(), &pb.RangeRequest{Key: []byte(first)})
	if err != nil {
		t.Fatal(err)
	}
	return res.GetHeader().GetRevision()
}

// put puts a key, and retries until it succeeds. If the answer of a try was lost, the
// key may have been put: the next try sees that, and causes no second event.
func (db store) put(ctx context.Context, key string) error {
	isNew := &pb.Compare{
		Key: []byte(key), Target: pb.Compare_CREATE, Result: pb.Compare_EQUAL,
		TargetUnion: &pb.Compare_CreateRevision{CreateRevision: 0},
	}
	put := &pb.RequestOp{Request: &pb.RequestOp_RequestPut{RequestPut: &pb.PutRequest{Key: []byte(key), Value: []byte("v")}}}
	for {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err := db.kv.Txn(attempt, &pb.TxnRequest{Compare: []*pb.Compare{isNew}, Success: []*pb.RequestOp{put}})
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case status.Code(err) != codes.Unavailable && status.Code(err) != codes.DeadlineExceeded:
			return err
		}
	}
}

// watcher is a function of watchers_test.go, with its own connection.
type watcher struct {
	name, function string
	lines          int // at most, where not 0
	watch          func(ctx context.Context, from int64) iter.Seq2[*mvccpb.Event, error]
	opened         *atomic.Int32 // streams
}

func watchers(t *testing.T, s *server) []watcher {
	t.Helper()
	var opened [3]atomic.Int32
	stub := rpc.NewWatchStub(s.dial(t, &opened[0])).With(grpc.WaitForReady(true))
	hand := pb.NewWatchClient(s.dial(t, &opened[1]))
	library, err := clientv3.New(clientv3.Config{Endpoints: []string{s.client}, DialOptions: dialOptions(&opened[2])})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := library.Close(); err != nil && !isCanceled(err) {
			t.Error(err)
		}
	})
	return []watcher{
		{"stream.Resume", "byResume", 20, func(ctx context.Context, from int64) iter.Seq2[*mvccpb.Event, error] {
			return byResume(ctx, stub, first, end, from)
		}, &opened[0]},
		{"by hand with protoc-gen-go-grpc", "byHand", 0, func(ctx context.Context, from int64) iter.Seq2[*mvccpb.Event, error] {
			return byHand(ctx, hand, first, end, from)
		}, &opened[1]},
		{"etcd's client library", "byLibrary", 0, func(ctx context.Context, from int64) iter.Seq2[*mvccpb.Event, error] {
			return byLibrary(ctx, library, first, end, from)
		}, &opened[2]},
	}
}

// isCanceled reports whether err is that of a canceled context.
func isCanceled(err error) bool {
	return errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled
}
