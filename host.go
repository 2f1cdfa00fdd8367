package gohost

import "google.golang.org/grpc"

// Host returns a CallOption by which a call names host as its HTTP/2 :authority:
//
//	tenant := service.With(gohost.Host("tenant-a.example"))
//
// It wins over the host that the environment names and the one that the .proto
// declares. The last one of several wins, and "" means the authority of the
// connection. A call that names an invalid host fails with InvalidArgument, and
// nothing is sent: where it goes through a stub of this module, a connection
// of [Conn], or [UnaryGuard] and [StreamGuard]. A [grpc.ClientConn] by itself
// sends what it is given.
//
// It is the same as [grpc.CallAuthority], which grpc marks as experimental.
func Host(host string) grpc.CallOption { return grpc.CallAuthority(host) }
