// Package gohost handles the hosts of gRPC services: the hosts that a .proto
// declares, and the hosts that calls name on the wire.
//
// A service declares its host in its .proto:
//
//	service SquareService {
//	  option (gohost.v1.service) = {host: "square.example"};
//	  …
//	}
//
// protoc-gen-gohost generates the client of a service, its stub. The calls of a stub
// name the declared host as their HTTP/2 :authority. So one connection to a proxy that
// routes by host reaches every service behind it:
//
//	conn, err := grpc.NewClient("proxy.example:443", …)
//	squares := squarepb.NewSquareServiceStub(conn) // square.example
//	feed := feedpb.NewFeedStub(conn)               // feed.example
//
// The environment variable GOHOST_HOSTS overrides declared hosts. Its entries are
// separated by commas, and the most specific one wins:
//
//	GOHOST_HOSTS="acme.v1.Square=square.staging.example,acme.*=acme.staging.example,*=staging.example"
//
// [Host] overrides both, for a stub or for a call:
//
//	tenant := squares.With(gohost.Host("tenant-a.example"))
//	res, err := tenant.Square(ctx, req)
//
// [Conn] names hosts for stubs of other generators, and [Credentials] accepts hosts
// that a proxy's certificate does not name. [CheckEnvironment] finds mistakes in the
// variable when a program starts. [UnaryGuard] and [StreamGuard] keep invalid hosts
// off a connection, whatever code uses it.
//
// On a server, [HostFromContext] returns the host that a call names, [HostCheck]
// compares it with the hosts that the service declares, and [Mux] uses it to choose
// among several implementations of one service.
//
// # Valid hosts
//
// A call may name a DNS name, an IPv4 address or an IPv6 address in brackets, each
// with or without a port ([RFC 3986], section 3.2.2, and [RFC 9113], section 8.3.1). A
// DNS name has at most 253 characters, and labels of one to 63 letters, digits,
// hyphens and underscores. No label begins or ends with a hyphen, and the last label is
// not a number. Names beyond ASCII are written in punycode. A call with an invalid host
// fails with InvalidArgument, and nothing is sent: a host with a line break makes some
// proxies close the connection, with all its streams.
//
// Hosts are compared without their ports, in lower case. A pattern is a host without a
// port, or "*.name", which stands for all hosts below name: "a.name" and "b.a.name",
// but not "name".
//
// The page [Host routing] explains all of this, with the configuration of proxies.
//
// [Host routing]: https://github.com/gohostrpc/gohost/blob/main/docs/host-routing.md
// [RFC 3986]: https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2
// [RFC 9113]: https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1
package gohost
