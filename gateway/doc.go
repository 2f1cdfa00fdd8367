// Package gateway has a connection for stubs that serve as implementations. A
// stub of protoc-gen-gohost implements the interface of its service, so a gateway
// is a line:
//
//	pb.RegisterSquareService(server, pb.NewSquareServiceStub(gateway.Conn(upstream)))
//
// By itself a stub passes messages and statuses, and no metadata in either
// direction. On a connection of [Conn] it is a gateway:
//
//   - Of the metadata of a call it forwards the keys that are listed, and nothing
//     else: those of the tracing context, and what [Forward] adds. Nothing secret
//     is among them unless it is named, authorization neither. All values of a key
//     are forwarded in their order, binary ones as they are. What the gateway's
//     own program has set for the call stays as it is. The deadline goes along by
//     itself: it is a part of gRPC.
//   - The header of the upstream is passed back as soon as it comes, before the
//     first message, and the trailer with the status. Without a header there is
//     none. What belongs to the connection of the upstream alone, and what proxies
//     add about themselves, is left out, as are the keys of [Withhold].
//   - A status of the upstream keeps its code, its message and its details.
//     [Errors] replaces it.
//   - Nothing is told about hosts and backends. An error that has come about on
//     the way to the upstream, such as one of a dialer, of TLS or of a proxy, keeps
//     its code, and its message is another. So has a status that names the host
//     of the call, unless the client has named it as well. In this process the
//     text of the error tells all, for logs.
//   - With [HostBy] the request chooses the host: the host that the client
//     has named, metadata, or a function says which. An invalid one fails the call
//     with InvalidArgument, and nothing is sent.
//   - Half-closes, early answers, cancels, deadlines and the death of the upstream
//     pass while the other direction waits, in all four kinds of RPC: a call has
//     ended for both sides when it has ended for one.
//   - With [Raw] messages are passed on without being decoded. The bytes, the
//     headers and the trailers are the same.
//
// The header of a unary call comes with its response: grpc-go tells it no earlier.
//
// # What is left to the server
//
// The package authenticates nobody. A client can name any host and any tenant:
// an interceptor of the server says who it is. Interceptors, stats handlers,
// [gohost.HostCheck], [gohost.Mux] and package drain work as with any other
// implementation.
//
// Where an implementation is something around a stub, for instance with a cache,
// all of this holds, but for Raw: then messages are decoded. If it makes several
// calls, their headers and trailers come together: the header of the first one is
// sent, and trailers add up.
package gateway
