package gohost

import "google.golang.org/grpc"

// Host returns a CallOption with which a call names host as its HTTP/2 :authority:
//
//	tenant := service.With(gohost.Host("tenant-a.example"))
//
// It wins over the hosts from the environment and from the .proto. The last one of
// several wins, and "" means the authority of the connection. The calls of stubs from
// protoc-gen-gohost, of connections of [Conn], and of connections with [UnaryGuard] and
// [StreamGuard] fail with InvalidArgument if they name an invalid host, and nothing is
// sent. A [grpc.ClientConn] by itself sends any host.
//
// Host is the same as [grpc.CallAuthority], which grpc marks as experimental.
func Host(host string) grpc.CallOption { return grpc.CallAuthority(host) }
