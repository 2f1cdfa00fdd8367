package etcd

import (
	"context"
	"io"
	"iter"
	"math/rand/v2"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	rpc "github.com/gohostrpc/gohost/e2e/etcd/stubs/etcdserverpbgohost"
	"github.com/gohostrpc/gohost/stream"
)

// The same watcher three times. Each returns the events of the keys from first to
// before end, from a revision on, whatever happens to the server. It ends with ctx,
// with an error that a retry does not help against, or when the loop is left. Its lines
// are counted: see lines.

// byResume watches with a stub of gohost. Responses without events, such as the one for
// a created watch, have a revision of the store that is not a position: events before
// it may still come.
func byResume(ctx context.Context, etcd rpc.Watch, first, end string, from int64) iter.Seq2[*mvccpb.Event, error] {
	return stream.Resume(ctx, func(ctx context.Context, after int64) iter.Seq2[*mvccpb.Event, error] {
		create := &pb.WatchCreateRequest{Key: []byte(first), RangeEnd: []byte(end), StartRevision: max(after+1, from)}
		req := &pb.WatchRequest{RequestUnion: &pb.WatchRequest_CreateRequest{CreateRequest: create}}
		return stream.Generate(func(send func(*mvccpb.Event) error) error {
			for res, err := range etcd.Watch(ctx, stream.KeepOpen(ctx, stream.Of(req))) {
				if err == nil {
					err = refusal(res)
				}
				if err != nil {
					return err
				}
				for _, event := range res.GetEvents() {
					if err := send(event); err != nil {
						return err
					}
				}
			}
			return nil // etcd does not end a watch: ResumeIf continues
		})
	}, revision, stream.ResumeIf(func(err error) bool { return err == nil || stream.Resumable(err) }))
}

// byHand watches with the client of protoc-gen-go-grpc.
func byHand(ctx context.Context, etcd pb.WatchClient, first, end string, from int64) iter.Seq2[*mvccpb.Event, error] {
	return func(yield func(*mvccpb.Event, error) bool) {
		create := &pb.WatchCreateRequest{Key: []byte(first), RangeEnd: []byte(end), StartRevision: from}
		req := &pb.WatchRequest{RequestUnion: &pb.WatchRequest_CreateRequest{CreateRequest: create}}
		delay := time.Second
		for {
			// A call that is not read to its end needs a canceled context.
			call, cancel := context.WithCancel(ctx)
			watch, err := etcd.Watch(call, grpc.WaitForReady(true))
			if err == nil {
				err = watch.Send(req)
				if err == io.EOF {
					err = nil // Recv says why
				}
			}
			for err == nil {
				var res *pb.WatchResponse
				res, err = watch.Recv()
				if err != nil {
					break
				}
				if err := refusal(res); err != nil {
					cancel()
					yield(nil, err)
					return
				}
				for _, event := range res.GetEvents() {
					if !yield(event, nil) {
						cancel()
						return
					}
					create.StartRevision, delay = revision(event)+1, time.Second
				}
			}
			cancel()
			if err != io.EOF && status.Code(err) != codes.Unavailable {
				yield(nil, err)
				return
			}
			select {
			case <-time.After(time.Duration(float64(delay) * (0.8 + 0.4*rand.Float64()))):
				delay = min(delay*8/5, 2*time.Minute)
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			}
		}
	}
}

// byLibrary watches with etcd's own client.
func byLibrary(ctx context.Context, etcd *clientv3.Client, first, end string, from int64) iter.Seq2[*mvccpb.Event, error] {
	return stream.Generate(func(send func(*mvccpb.Event) error) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for res := range etcd.Watch(ctx, first, clientv3.WithRange(end), clientv3.WithRev(from)) {
			if err := res.Err(); err != nil {
				return err
			}
			for _, event := range res.Events {
				if err := send(event); err != nil {
					return err
				}
			}
		}
		return ctx.Err()
	})
}

// revision returns the position of an event. All events of a revision are in one
// response, so a position is never between them.
func revision(event *mvccpb.Event) int64 { return event.GetKv().GetModRevision() }

// refusal returns the reason for which etcd ends a watch with res, or nil. clientv3's
// responses have a method Err for it.
func refusal(res *pb.WatchResponse) error {
	switch {
	case res.GetCompactRevision() != 0:
		return status.Errorf(codes.OutOfRange, "etcd has only the revisions from %d on", res.GetCompactRevision())
	case res.GetCanceled():
		return status.Errorf(codes.FailedPrecondition, "etcd has canceled the watch: %s", res.GetCancelReason())
	}
	return nil
}
