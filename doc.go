// Package gohost is about the hosts of gRPC services: what a .proto declares
// about them, and which hosts may be named on the wire.
//
// A service that declares its host,
//
//	service SquareService {
//	  option (gohost.v1.service) = {host: "square.example"};
//	  …
//	}
//
// gets a stub from protoc-gen-gohost whose calls name that host as their HTTP/2
// :authority. So one connection to a proxy that routes by host reaches every
// service behind it:
//
//	conn, err := grpc.NewClient("proxy.example:443", …)
//	squares := squarepb.NewSquareServiceStub(conn) // square.example
//	feeds := feedpb.NewFeedStub(conn)              // feed.example
//
// The environment variable GOHOST_HOSTS overrides what is declared
// ("acme.v1.Square=square.staging.example,acme.*=acme.staging.example,*=…", the
// most specific entry wins), the stub's own options override that, and those of
// a call override all:
//
//	staging := squarepb.NewSquareServiceStub(conn, grpc.CallAuthority("square.staging.example"))
//	res, err := staging.With(grpc.CallAuthority("square-2.staging.example")).Square(ctx, req)
//
// A host that is none fails its call with InvalidArgument, before anything is
// sent; [UnaryGuard] and [StreamGuard] do that for a whole connection. [Conn]
// names hosts for stubs of other generators, and [Credentials] accepts hosts
// that the certificate of a proxy does not name.
//
// On a server, [HostFromContext] is the host that a call names, [HostCheck]
// compares it with what the service declares, and [Mux] chooses by it among
// several implementations of one service.
//
// The whole story is in docs/host-routing.md.
package gohost
