// Package connscale is for clients with more calls at a time than one connection
// takes: it opens another connection when all are full, and closes it when it is
// needed no more.
//
// A server or proxy says how many streams a connection may have: nginx 128,
// HAProxy 100, Traefik and Caddy 250, unless they are told otherwise. grpc keeps to
// that: the next call waits, without a sign, until another one ends. Of 1,000
// subscribers through nginx 128 receive and 872 hang, and a unary call beside them
// ends with DeadlineExceeded. gRFC A105
// (https://github.com/grpc/proposal/blob/master/A105-max_concurrent_streams-connection-scaling.md)
// has the answer, which grpc-go does not implement
// (https://github.com/grpc/grpc-go/issues/9132). This package does, with grpc's
// public API:
//
//	client, err := connscale.NewClient("proxy.example:443", credentials.NewTLS(nil), connscale.Options{})
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	service := pb.NewSquareServiceStub(client)
//
// Everything else is as it was: hosts, interceptors, stats handlers, deadlines,
// WaitForReady, retries and health checks are grpc's, addresses and endpoints are
// the business of the load-balancing policy in [Options.ServiceConfig].
//
// # What it promises
//
//   - A call gets a stream of the oldest connection that has room. While there is
//     one, nothing else is opened, and a call costs no allocation more.
//   - If all are full, another connection to the same address is opened, up to
//     [Options.MaxConnections], one at a time. A connection that cannot be opened
//     fails no call; the next try waits for grpc's backoff, or for a second after
//     one that the server has ended before it answered a call on it.
//   - A call for which there is no stream waits: first come, first served. It
//     waits until there is room, its context ends, or the client is closed. If its
//     context ends, the error says why there was no room.
//   - A connection that ends, or that the server wants no more calls on (GOAWAY),
//     gets no more calls; those that it has go on as they would in grpc. The client
//     is ready while any connection is.
//   - If a server refuses calls since a connection has had its number of them
//     (nginx: keepalive_requests, 1,000), its other connections, and those of the
//     next minute, are replaced before it comes to that: grpc makes a refused call
//     again only once, and plain grpc loses calls here.
//   - A connection beyond the oldest is closed when it has been without calls for
//     [Options.IdleTimeout].
//   - Where the child policy checks health, one stream is kept free in each
//     connection, because grpc opens that of the health check by itself. With a
//     server that allows a single stream, calls then wait until their context ends,
//     and the error says so.
//
// # When to use it
//
// If the proxy or server is yours and you know how many calls there will be, raise
// its limit: one connection costs both sides less. This package is for a limit that
// is somebody else's, that cannot be raised (Caddy's), or whose size nobody can
// tell beforehand. It is for calls that last: where all calls are short, waiting for
// another one to end takes no longer, and a proxy may do more of them on one
// connection. It is right, too, where several instances stand behind one
// address: a further connection may reach another one. A connection costs the proxy
// a socket and some memory (docs/performance-scaling.md has figures), and a proxy may
// limit connections as well: nginx by worker_connections, HAProxy by maxconn. Ten
// connections, the default, are 1,280 calls at a time through nginx.
//
// # What differs from A105
//
// It must be asked for. Connections beyond the oldest are closed when they are idle.
// The limit is what the server's first frame says: a limit that it changes later
// is not seen, and grpc lets calls wait as without this package. Channels that are
// configured by xDS are not scaled. Out-of-band load reports (ORCA) come by one
// connection, and end with that until the child policy asks for them again.
//
// Do not call [grpc.ClientConn.ResetConnectBackoff] while calls are made: it reads
// a map of grpc's without a lock (https://github.com/grpc/grpc-go/pull/9155), to which
// connections are added.
package connscale
