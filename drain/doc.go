// Package drain has a gRPC server that ends, and ages its streams, so that
// nobody notices.
//
// A server's streams may be endless, and then its GracefulStop is. Its Stop cuts them
// off, and answers that were on their way with them. A [Server] does what lies
// between, when its context ends:
//
//	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
//	defer stop()
//	server := drain.NewServer(creds, drain.Options{Grace: 10 * time.Second})
//	pb.RegisterFeed(server, impl)
//	err := server.Serve(ctx, listener)
//
// First the health service says NOT_SERVING, and for a lame-duck time all goes on, so
// that proxies and balancers look elsewhere. Then the listeners are
// closed, and each connection is told by GOAWAY that it takes no further calls.
// When that is on the wire, handlers are asked to end, by [Done]. Calls and
// streams that end by themselves do so, for as long as the grace lasts. Those that go
// on then end with [ErrReopen], which tells a client to open the stream again
// at once: it finds another server, since it has had the GOAWAY.
// stream.Resume does so without its consumer noticing.
//
// With a [Options.MaxAge], each stream is ended in the same way when it has
// reached it, so that streams spread over servers that were added later.
//
// The package is for any service of grpc-go, not only for those that
// protoc-gen-gohost generates.
package drain
