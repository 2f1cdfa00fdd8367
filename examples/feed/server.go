package main

import (
	"context"
	"iter"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/examples/feed/feedpb"
)

// feedServer is the service. Any number of servers may share a feed.
type feedServer struct {
	feed *feed
}

func (s feedServer) Publish(ctx context.Context, req *feedpb.PublishRequest) (*feedpb.PublishResponse, error) {
	if req.GetId() == "" {
		return nil, status.Error(codes.InvalidArgument, "the event has no id, so a retry would not be safe")
	}
	position, duplicate, err := s.feed.publish(ctx, req.GetId(), req.GetData())
	if err != nil {
		return nil, err
	}
	return &feedpb.PublishResponse{Position: position.String(), Duplicate: duplicate}, nil
}

func (s feedServer) Sub(ctx context.Context, req *feedpb.SubRequest) iter.Seq2[*feedpb.Event, error] {
	at := s.feed.tail.at(0) // before the oldest
	if after := req.GetAfter(); after != "" {
		var err error
		if at, err = parsePosition(after); err != nil {
			return func(yield func(*feedpb.Event, error) bool) { yield(nil, err) }
		}
	}
	// If the server stops, or the stream is old, the client reopens it.
	return s.feed.events(drain.Context(ctx), at)
}
