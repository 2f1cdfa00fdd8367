package etcd

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	rpc "github.com/gohostrpc/gohost/e2e/etcd/stubs/etcdserverpbgohost"
	"github.com/gohostrpc/gohost/stream"
)

// The half-close ends LeaseKeepAlive in etcd, but not Watch.
func TestHalfClose(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.dial(t, new(atomic.Int32))
	leases := rpc.NewLeaseStub(conn)
	lease, err := leases.LeaseGrant(t.Context(), &pb.LeaseGrantRequest{TTL: 60})
	if err != nil {
		t.Fatal(err)
	}
	keepAlive := &pb.LeaseKeepAliveRequest{ID: lease.GetID()}

	t.Run("LeaseKeepAlive with stream.Of ends", func(t *testing.T) {
		t.Parallel()
		got, err := stream.Collect(leases.LeaseKeepAlive(t.Context(), stream.Of(keepAlive, keepAlive)))
		if len(got) != 2 || err != nil {
			t.Errorf("%d responses and the error %v, want 2 and nil", len(got), err)
		}
		t.Attr("seen", fmt.Sprintf("a clean end after %d answers", len(got)))
	})
	t.Run("LeaseKeepAlive with stream.KeepOpen stays", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		const stay = 300 * time.Millisecond // with Of it ends within one
		answers := 0
		var ended error
		for _, err := range stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*pb.LeaseKeepAliveResponse, error] {
			return leases.LeaseKeepAlive(ctx, stream.KeepOpen(ctx, stream.Of(keepAlive, keepAlive)))
		}) {
			if err != nil {
				ended = err
				break
			}
			if answers++; answers == 2 {
				time.AfterFunc(stay, cancel)
			}
		}
		if answers != 2 || !isCanceled(ended) {
			t.Errorf("%d responses and the error %v, want 2 and that of the context", answers, ended)
		}
		t.Attr("seen", fmt.Sprintf("open after %d answers, until its context ended", answers))
	})

	db := newStore(t, s)
	for name, requests := range map[string]func(context.Context, *pb.WatchRequest) iter.Seq2[*pb.WatchRequest, error]{
		"stream.Of": func(_ context.Context, req *pb.WatchRequest) iter.Seq2[*pb.WatchRequest, error] {
			return stream.Of(req)
		},
		"stream.KeepOpen": func(ctx context.Context, req *pb.WatchRequest) iter.Seq2[*pb.WatchRequest, error] {
			return stream.KeepOpen(ctx, stream.Of(req))
		},
	} {
		t.Run("Watch with "+name+" stays", func(t *testing.T) {
			t.Parallel()
			create := &pb.WatchCreateRequest{Key: []byte(name)}
			req := &pb.WatchRequest{RequestUnion: &pb.WatchRequest_CreateRequest{CreateRequest: create}}
			events := 0
			for res, err := range stream.Scope(t.Context(), func(ctx context.Context) iter.Seq2[*pb.WatchResponse, error] {
				return rpc.NewWatchStub(conn).Watch(ctx, requests(ctx, req))
			}) {
				if err != nil {
					t.Fatal(err)
				}
				if events += len(res.GetEvents()); events > 0 {
					break
				}
				if err := db.put(t.Context(), name); err != nil {
					t.Fatal(err)
				}
			}
			if events != 1 {
				t.Errorf("%d events, want 1", events)
			}
			t.Attr("seen", "an event that came afterwards")
		})
	}
}
