// Package connscale is for clients with more concurrent calls than one connection
// takes. It opens another connection when all are full, and closes it when it is no
// longer needed.
//
// A server or proxy limits the streams of a connection: nginx to 128, HAProxy to 100,
// Traefik and Caddy to 250, by default. grpc obeys this limit: the next call silently
// waits until another one ends. Of 1,000 subscribers through nginx, 128 receive and 872
// hang, and a concurrent unary call ends with DeadlineExceeded. gRFC A105
// (https://github.com/grpc/proposal/blob/master/A105-max_concurrent_streams-connection-scaling.md)
// has a solution, which grpc-go does not implement
// (https://github.com/grpc/grpc-go/issues/9132). This package implements it with grpc's
// public API:
//
//	client, err := connscale.NewClient("proxy.example:443", credentials.NewTLS(nil), connscale.Options{})
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	service := pb.NewSquareServiceStub(client)
//
// Nothing else changes. Hosts, interceptors, stats handlers, deadlines, WaitForReady,
// retries and health checks are grpc's. Addresses and endpoints are handled by the
// load-balancing policy in [Options.ServiceConfig].
//
// # What it promises
//
//   - A call gets a stream of the oldest connection that has room. While there is
//     such a connection, nothing else is opened, and a call makes no additional
//     allocation.
//   - If all are full, another connection to the same address is opened, up to
//     [Options.MaxConnections], one at a time. If a connection cannot be opened, no
//     call fails. The next try waits for grpc's backoff, or for a second if the server
//     has ended a connection before it answered a call on it.
//   - A call without a stream waits: first come, first served. It waits until there is
//     room, its context ends, or the client is closed. If its context ends, the error
//     says why there was no room.
//   - A connection that ends, or for which the server sends GOAWAY, gets no more calls.
//     Its open calls continue as they would in grpc. The client is ready while any
//     connection is ready.
//   - Some servers refuse calls after a connection has had a certain number of them
//     (nginx: keepalive_requests, 1,000). Then its other connections, and those of the
//     next minute, are replaced before they reach that number. grpc retries a refused
//     call only once, so plain grpc loses calls here.
//   - A connection that is not the oldest is closed when it has been without calls for
//     [Options.IdleTimeout].
//   - If the child policy checks health, one stream of each connection is kept free,
//     because grpc opens the stream of the health check by itself. If the server allows
//     only a single stream, calls then wait until their context ends, and the error says
//     so.
//
// # When to use it
//
// If the proxy or server is yours and you know the number of calls, raise its limit: one
// connection costs both sides less. Use this package if the limit is not yours, cannot
// be raised (Caddy's), or cannot be known beforehand. It is for long calls. If all calls
// are short, waiting for another one to end takes no longer, and a proxy may handle
// more of them on one connection. Use it also if several instances are behind one
// address: another connection may reach another instance. A connection costs the proxy a
// socket and some memory ([figures]). A proxy may limit
// connections as well: nginx with worker_connections, HAProxy with maxconn. The default
// of ten connections allows 1,280 concurrent calls through nginx.
//
// # Differences from A105
//
// Scaling is off unless you use this package. Connections that are not the oldest are
// closed when they are idle. The limit is the one in the server's first frame. If the
// server changes it later, that is not seen, and grpc lets calls wait as without this
// package. Channels that are configured by xDS are not scaled. Out-of-band load reports
// (ORCA) use one connection, and end with it until the child policy asks for them again.
//
// Do not call [grpc.ClientConn.ResetConnectBackoff] while calls are made: it reads,
// without a lock, a map of grpc (https://github.com/grpc/grpc-go/pull/9155) to which
// connections are added.
//
// [figures]: https://github.com/gohostrpc/gohost/blob/main/docs/performance-scaling.md
package connscale
