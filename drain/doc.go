// Package drain contains a gRPC server that ends, and ages its streams, such that
// clients can open them again at another server.
//
// If a server's streams are endless, its GracefulStop never ends. Its Stop cuts the
// streams off, and loses answers that are on their way. When the context of a [Server]
// ends, the server ends in an orderly way instead:
//
//	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//	defer stop()
//	server := drain.NewServer(creds, drain.Options{Grace: 10 * time.Second})
//	pb.RegisterFeed(server, impl)
//	err := server.Serve(ctx, listener)
//
// First the health service says NOT_SERVING. Everything continues for a lame-duck
// time, so that proxies and balancers look elsewhere. Then the listeners are closed,
// and a GOAWAY tells each connection that it takes no further calls. When that is on
// the wire, [Done] asks handlers to end. Calls and streams may end by themselves until
// the grace is over. Those that continue then end with [ErrReopen], which tells a client
// to open the stream again immediately. The client finds another server, since it has
// had the GOAWAY. stream.Resume does this, and its consumer sees no error.
//
// With [Options.MaxAge], each stream that reaches this age is ended in the same way. So
// streams spread over servers that were added later.
//
// The package works with any service of grpc-go, not only with those from
// protoc-gen-gohost.
package drain
