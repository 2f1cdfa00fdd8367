package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"github.com/gohostrpc/gohost/examples/feed/feedpb"
	"github.com/gohostrpc/gohost/stream"
)

// retryPublish makes gRPC retry a publish if there is no server, or the server has no
// engine. The event's id makes that safe.
const retryPublish = `{"methodConfig": [{
	"name": [{"service": "events.Feed", "method": "publish"}],
	"retryPolicy": {
		"maxAttempts": 5, "initialBackoff": "0.5s", "maxBackoff": "5s", "backoffMultiplier": 2,
		"retryableStatusCodes": ["UNAVAILABLE"]
	}
}]}`

// dial returns a connection that reconnects to a server, and the service.
func dial(addr string, opts ...grpc.DialOption) (*grpc.ClientConn, feedpb.Feed, error) {
	conn, err := grpc.NewClient(addr, append(opts,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(retryPublish),
		// Try again soon, in case the server is restarted.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		// A server that is frozen sends no error. Keepalive detects it.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 2 * time.Second}))...)
	if err != nil {
		return nil, nil, err
	}
	// A call waits for a connection instead of failing without one.
	return conn, feedpb.NewFeedStub(conn).With(grpc.WaitForReady(true)), nil
}

// subscribe returns the events after a position. When a server ends, it continues at
// another one after the last event.
func subscribe(ctx context.Context, service feedpb.Feed, after string, opts ...stream.ResumeOption) iter.Seq2[*feedpb.Event, error] {
	return stream.Resume(ctx, func(ctx context.Context, last string) iter.Seq2[*feedpb.Event, error] {
		return service.Sub(ctx, &feedpb.SubRequest{After: cmp.Or(last, after)})
	}, (*feedpb.Event).GetPosition, opts...)
}

// publish publishes an event, and waits for a server if there is none.
func publish(ctx context.Context, service feedpb.Feed, text string) (*feedpb.PublishResponse, error) {
	return service.Publish(ctx, &feedpb.PublishRequest{Id: rand.Text(), Data: []byte(text)})
}

// call is the command: it publishes, or subscribes until ctx ends.
func call(ctx context.Context, o *options, out io.Writer) error {
	conn, service, err := dial(o.addr)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // all calls have ended
	if len(o.args) == 0 {
		return show(ctx, o, service, out)
	}
	if o.args[0] != "publish" || len(o.args) == 1 {
		return fmt.Errorf("%q is not publish and at least one text", o.args)
	}
	for _, text := range o.args[1:] {
		published, err := publish(ctx, service, text)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, published.GetPosition())
	}
	return nil
}

// show prints events until ctx ends.
func show(ctx context.Context, o *options, service feedpb.Feed, out io.Writer) error {
	told := stream.OnResume(func(r stream.Resumption) { o.log.Printf("subscribing again: %v", r.Err) })
	for event, err := range subscribe(ctx, service, o.after, told) {
		if ctx.Err() != nil {
			return nil // a user leaves with Ctrl+C
		}
		if err != nil {
			return err
		}
		print(out, event)
	}
	return errors.New("the server has ended the feed")
}

func print(out io.Writer, event *feedpb.Event) {
	if n := event.GetDeleted(); n > 0 {
		fmt.Fprintf(out, "%s: %d events have been deleted\n", event.GetPosition(), n)
		return
	}
	fmt.Fprintf(out, "%s: %s\n", event.GetPosition(), event.GetData())
}
