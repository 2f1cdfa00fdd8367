// Package gohost handles the hosts of gRPC services: the hosts that a .proto
// declares, and the hosts that calls may name on the wire.
//
// A service declares its host:
//
//	service SquareService {
//	  option (gohost.v1.service) = {host: "square.example"};
//	  …
//	}
//
// The calls of its stub from protoc-gen-gohost name that host as their HTTP/2
// :authority. So one connection to a proxy that routes by host reaches every
// service behind it:
//
//	conn, err := grpc.NewClient("proxy.example:443", …)
//	squares := squarepb.NewSquareServiceStub(conn) // square.example
//	feed := feedpb.NewFeedStub(conn)               // feed.example
//
// The environment variable GOHOST_HOSTS overrides declared hosts
// ("acme.v1.Square=square.staging.example,acme.*=acme.staging.example,*=…", the
// most specific entry wins). [Host] overrides both, for a stub or for a call:
//
//	tenant := squares.With(gohost.Host("tenant-a.example"))
//	res, err := tenant.Square(ctx, req)
//
// A call with an invalid host fails with InvalidArgument, and nothing is sent.
// [UnaryGuard] and [StreamGuard] do this for a whole connection.
// [CheckEnvironment] finds mistakes in the variable when a program starts. [Conn]
// names hosts for stubs of other generators, and [Credentials] accepts hosts
// that a proxy's certificate does not name.
//
// On a server, [HostFromContext] returns the host that a call names, [HostCheck]
// compares it with the hosts that the service declares, and [Mux] uses it to choose
// among several implementations of one service.
//
// docs/host-routing.md explains all of this.
package gohost
