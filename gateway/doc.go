// Package gateway contains a connection for stubs that serve as implementations.
//
// A gateway is a server that passes the calls of its clients on to another server, the
// upstream. A stub, the client from protoc-gen-gohost, implements the interface of its
// service, so a gateway is one line:
//
//	pb.RegisterSquareService(server, pb.NewSquareServiceStub(gateway.Conn(upstream)))
//
// A bare stub passes messages and statuses, and no metadata in either direction. On a
// connection of [Conn] it is a complete gateway:
//
//   - It forwards only the listed keys of a call's metadata: those of the [trace context],
//     and those of [Forward]. No secret is forwarded unless its key is listed,
//     not even authorization. All values of a key are forwarded in their order, and
//     binary ones are not changed. Metadata that the gateway's own program has set for
//     the call stays unchanged. The deadline is always forwarded, as a part of gRPC.
//   - The header of the upstream is passed back as soon as it arrives, before the first
//     message, and the trailer with the status. If there is no header, none is passed
//     back. Keys that belong to the upstream's connection, keys that proxies add about
//     themselves, and those of [Withhold] are left out.
//   - A status of the upstream keeps its code, its message and its details, unless
//     [Errors] replaces it.
//   - Clients learn nothing about hosts and backends. An error on the way to the
//     upstream, such as one of a dialer, of TLS or of a proxy, keeps its code, and gets
//     another message. So does a status that names the host of the call, unless the
//     client has named that host as well. In this process the text of the error has
//     everything, for logs.
//   - With [HostBy] the request chooses the host: it is the host that the client has
//     named, or comes from metadata or from a function. An invalid host fails the call
//     with InvalidArgument, and nothing is sent.
//   - Half-closes, early answers, cancels, deadlines and the death of the upstream
//     pass even while the other direction waits, in all four kinds of RPC: when a call
//     has ended for one side, it has ended for both.
//   - With [Raw] messages are passed on without being decoded. The bytes, the
//     headers and the trailers are the same.
//
// The header of a unary call comes with its response, since grpc-go reports it no
// earlier.
//
// # What the server must do
//
// The package authenticates nobody. A client can name any host and any tenant, so an
// interceptor of the server must authenticate it. Interceptors, stats handlers,
// [gohost.HostCheck], [gohost.Mux] and package [github.com/gohostrpc/gohost/drain] work
// as with any other implementation.
//
// An implementation may also be a value around a stub, for instance with a cache. All
// of this holds for it too, except Raw: its messages are decoded. If it makes several
// calls, their headers and trailers are combined: the header of the first call is sent,
// and trailers add up.
//
// [trace context]: https://www.w3.org/TR/trace-context/
package gateway
