package etcd

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	rpc "github.com/gohostrpc/gohost/e2e/etcd/stubs/etcdserverpbgohost"
	"github.com/gohostrpc/gohost/stream"
)

// scripted is a Watch whose calls answer and break as scripted.
type scripted struct {
	rpc.UnimplementedWatch
	calls  [][]*pb.WatchResponse
	starts []int64 // the revisions from which it was watched
}

func (s *scripted) Watch(_ context.Context, reqs iter.Seq2[*pb.WatchRequest, error]) iter.Seq2[*pb.WatchResponse, error] {
	return stream.Generate(func(send func(*pb.WatchResponse) error) error {
		for req, err := range reqs {
			if err != nil {
				return err
			}
			s.starts = append(s.starts, req.GetCreateRequest().GetStartRevision())
			for _, res := range s.calls[len(s.starts)-1] {
				if err := send(res); err != nil {
					return err
				}
			}
			break
		}
		if len(s.starts) == 1 {
			return nil // a watch continues after a clean end, too
		}
		return status.Error(codes.Unavailable, "the server is gone")
	})
}

// A watch continues after the last event. Responses without events have other revisions
// of the store, which must not matter.
func TestPositions(t *testing.T) {
	t.Parallel()
	header := func(revision int64) *pb.ResponseHeader { return &pb.ResponseHeader{Revision: revision} }
	events := func(revisions ...int64) *pb.WatchResponse {
		res := &pb.WatchResponse{Header: header(100)}
		for _, r := range revisions {
			res.Events = append(res.Events, &mvccpb.Event{Kv: &mvccpb.KeyValue{ModRevision: r}})
		}
		return res
	}
	created, progress := &pb.WatchResponse{Created: true, Header: header(100)}, &pb.WatchResponse{Header: header(100)}
	synctest.Test(t, func(t *testing.T) {
		etcd := &scripted{calls: [][]*pb.WatchResponse{
			{created},
			{created, progress, events(7, 8, 8)},
			{created, events(12), progress},
			{created, {Canceled: true, CompactRevision: 20}},
		}}
		var seen []int64
		var ended error
		for event, err := range byResume(t.Context(), etcd, first, end, 5) {
			if err != nil {
				ended = err
				break
			}
			seen = append(seen, revision(event))
		}
		if want := []int64{7, 8, 8, 12}; !slices.Equal(seen, want) {
			t.Errorf("events of the revisions %d, want %d", seen, want)
		}
		if want := []int64{5, 5, 9, 13}; !slices.Equal(etcd.starts, want) {
			t.Errorf("watched from the revisions %d, want %d", etcd.starts, want)
		}
		if status.Code(ended) != codes.OutOfRange {
			t.Errorf("ended with %v, want OutOfRange", ended)
		}
	})
}

// If etcd no longer has a revision, the watch ends: a retry would not help.
func TestCompacted(t *testing.T) {
	t.Parallel()
	s := start(t)
	all := watchers(t, s)
	db := newStore(t, s)
	for i := range 10 {
		if err := db.put(t.Context(), key(i)); err != nil {
			t.Fatal(err)
		}
	}
	oldest := db.revision(t)
	if _, err := db.kv.Compact(t.Context(), &pb.CompactionRequest{Revision: oldest}); err != nil {
		t.Fatal(err)
	}
	for _, w := range all { //nolint:paralleltest // they are lines of a table
		t.Run(w.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := stream.Collect(w.watch(ctx, 2))
			if status.Code(err) != codes.OutOfRange && !errors.Is(err, rpctypes.ErrCompacted) {
				t.Errorf("it ended with %v, want OutOfRange", err)
			}
			if opened := w.opened.Load(); opened != 1 {
				t.Errorf("it has opened %d streams, want 1", opened)
			}
			t.Attr("seen", fmt.Sprint(err))
		})
	}
}
