package main

import (
	"context"
	"io"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/examples/feed/feedpb"
)

// serve is the command: a server, until ctx ends.
func serve(ctx context.Context, o *options, _ io.Writer) error {
	engine, err := newEngine(o.nats, o.store)
	if err != nil {
		return err
	}
	defer engine.close()
	return serveFeed(ctx, o, engine, func() (net.Listener, error) { return net.Listen("tcp", o.addr) })
}

// serveFeed serves the feed until ctx ends, and then ends the server such that its
// subscribers can continue elsewhere. It listens only when the engine is there: earlier
// calls would wait.
func serveFeed(ctx context.Context, o *options, engine *engine, listen func() (net.Listener, error)) error {
	feed, err := openFeed(ctx, engine.conn, o.feed)
	if ctx.Err() != nil && err != nil {
		return nil // ctx has ended first
	}
	if err != nil {
		return err
	}
	defer feed.close()
	// Calls for a host that the service does not declare are refused.
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		return err
	}
	grace := o.grace
	if grace == 0 {
		grace = -1 // none: zero means the default of package drain
	}
	health := health.NewServer()
	server := drain.NewServer(nil,
		drain.Options{LameDuck: o.lameDuck, Grace: grace, MaxAge: o.maxAge, Health: health},
		grpc.ChainUnaryInterceptor(check.Unary), grpc.ChainStreamInterceptor(check.Stream),
		// Clients check whether the server is frozen: see dial.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second}))
	healthpb.RegisterHealthServer(server, health)
	feedpb.RegisterFeed(server, feedServer{feed})
	listener, err := listen()
	if err != nil {
		return err
	}
	o.log.Printf("listening on %s", listener.Addr())
	return server.Serve(ctx, listener)
}
