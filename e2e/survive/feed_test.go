package survive

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/examples/feed/feedpb"
	"github.com/gohostrpc/gohost/stream"
)

// subscribe returns all events of the feed. told is called when a stream has broken and
// is reopened.
func subscribe(ctx context.Context, conn grpc.ClientConnInterface, told func(stream.Resumption)) iter.Seq2[*feedpb.Event, error] {
	service := feedpb.NewFeedStub(conn)
	return stream.Resume(ctx, func(ctx context.Context, after string) iter.Seq2[*feedpb.Event, error] {
		return service.Sub(ctx, &feedpb.SubRequest{After: after})
	}, (*feedpb.Event).GetPosition, stream.ResumeIf(resumable), stream.OnResume(told))
}

// resumable is like stream.Resumable, and also true for a starting Traefik, which
// listens before it has read its routes, and answers 404 until then.
func resumable(err error) bool {
	return stream.Resumable(err) ||
		status.Code(err) == codes.Unimplemented && strings.Contains(status.Convert(err).Message(), "404 (Not Found)")
}

// publish publishes an event. It may be repeated: the server recognizes the number, and
// takes it once.
func publish(ctx context.Context, conn *grpc.ClientConn, number int64) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := feedpb.NewFeedStub(conn).Publish(ctx, &feedpb.PublishRequest{
		Id:   strconv.FormatInt(number, 10),
		Data: []byte(content(number)),
	})
	return err
}
