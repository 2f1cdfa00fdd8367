package main

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/examples/feed/feedpb"
)

// batchBytes is the maximum size of a batch of older events: each subscriber that is
// far behind holds one.
const batchBytes = 64 << 10

// older reads events after a place from JetStream. Few subscribers may do so at a time.
// The others wait.
func (f *feed) older(ctx context.Context, at place) ([]event, error) {
	select {
	case f.readers <- struct{}{}:
		defer func() { <-f.readers }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	within, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	msgs, err := jetstreamext.GetBatch(within, f.js, streamName, batch,
		jetstreamext.GetBatchSeq(at.seq+1), jetstreamext.GetBatchMaxBytes(batchBytes))
	if err != nil {
		return nil, f.failed(ctx, err)
	}
	var events []event
	next, found := at.seq+1, uint64(0)
	for msg, err := range msgs {
		if err != nil {
			break // what has arrived is valid; if nothing has, the reason is determined below
		}
		if next != 1 && msg.Sequence != next {
			found = msg.Sequence
			break
		}
		events = append(events, f.event(msg.Sequence, msg.Header, msg.Data, msg.Time))
		next = msg.Sequence + 1
	}
	if len(events) == 0 {
		return f.missing(within, at, found)
	}
	return events, nil
}

// missing returns the answer for a subscriber if the event after its place is missing.
// found is the next event that is there, or 0.
func (f *feed) missing(ctx context.Context, at place, found uint64) ([]event, error) {
	info, err := f.info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return nil, f.failed(ctx, err)
	}
	deleted := uint64(0)
	for _, seq := range info.State.Deleted {
		if at.seq < seq && seq < found {
			deleted++
		}
	}
	switch oldest := info.State.FirstSeq; {
	case at.seq > 0 && at.seq+1 < oldest:
		return nil, status.Errorf(codes.OutOfRange,
			"the events after the position %v are no longer kept; the oldest event is at %v", at, place{at.made, oldest})
	case at.seq == 0 && f.tail.forget(oldest):
		return nil, nil // look again
	case deleted > 0 && deleted == found-at.seq-1:
		at.seq = found - 1
		return []event{{at, &feedpb.Event{Position: at.String(), Deleted: deleted}}}, nil
	}
	return nil, unavailable(fmt.Errorf("it did not send the event after %v", at))
}

// checkEnd returns an error if JetStream has no event at a place yet. If it has one,
// another server has read it before this one.
func (f *feed) checkEnd(ctx context.Context, at place) error {
	info, err := f.info(ctx)
	if err != nil {
		return f.failed(ctx, err)
	}
	if last := info.State.LastSeq; last < at.seq {
		return status.Errorf(codes.OutOfRange,
			"the position %v is beyond the end of the feed, which is at %v", at, place{at.made, last})
	}
	return nil
}

// info asks the leader of the stream for its state.
func (f *feed) info(ctx context.Context, opts ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	store, err := f.js.Stream(ctx, streamName)
	if err != nil {
		return nil, err
	}
	return store.Info(ctx, opts...)
}
