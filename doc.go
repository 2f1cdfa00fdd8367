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
//	feed := feedpb.NewFeedStub(conn)               // feed.example
//
// The environment variable GOHOST_HOSTS overrides what is declared
// ("acme.v1.Square=square.staging.example,acme.*=acme.staging.example,*=…", the
// most specific entry wins), and [Host] overrides that, for a stub or for a call:
//
//	tenant := squares.With(gohost.Host("tenant-a.example"))
//	res, err := tenant.Square(ctx, req)
//
// A call with an invalid host fails with InvalidArgument, and nothing is sent;
// [UnaryGuard] and [StreamGuard] do that for a whole connection.
// [CheckEnvironment] finds mistakes in the variable when a program starts. [Conn]
// names hosts for stubs of other generators, and [Credentials] accepts hosts
// that the certificate of a proxy does not name.
//
// On a server, [HostFromContext] is the host that a call names, [HostCheck]
// compares it with what the service declares, and [Mux] chooses by it among
// several implementations of one service.
//
// The whole story is in docs/host-routing.md.
package gohost
