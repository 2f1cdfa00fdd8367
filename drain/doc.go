// Package drain contains a gRPC server that ends its streams in such a way that clients
// can open them again at another server. It does so when the server ends, and when a
// stream has reached a maximum age.
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
// The end has three steps:
//
//  1. The health service says NOT_SERVING ([Options.Health]). Everything continues for the
//     lame-duck time ([Options.LameDuck]), so that proxies and balancers look elsewhere.
//  2. The listeners are closed, and a GOAWAY ([RFC 9113], section 6.8) tells each
//     connection that it takes no further calls. When that is on the wire, handlers are
//     asked to end ([Done], [Context]). Calls and streams may end by themselves until the
//     grace ([Options.Grace]) is over.
//  3. Those that continue then end with [ErrReopen], which tells a client to open the
//     stream again immediately. The client finds another server, since it has had the
//     GOAWAY. [github.com/gohostrpc/gohost/stream.Resume] does this, and its consumer sees
//     no error.
//
// With [Options.MaxAge], a stream that reaches this age is asked to end, and ended after
// the grace in the same way, while the server continues. So streams spread over servers
// that were added later.
//
// The package works with any service of grpc-go, not only with those from
// protoc-gen-gohost.
//
// [RFC 9113]: https://www.rfc-editor.org/rfc/rfc9113#section-6.8
package drain
