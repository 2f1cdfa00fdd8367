package gohost

import (
	"context"

	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// HostFromContext returns the host that the call of a server's ctx names: in
// lower case, and without a port. It returns "" where the call names no host, or
// an invalid one. A client can name any host that it likes: it proves nothing
// about the client.
func HostFromContext(ctx context.Context) string { return hostname.Normalize(authorityOf(ctx)) }

// authorityOf returns the :authority of a call as the client has sent it.
func authorityOf(ctx context.Context) string {
	// grpc makes a host header the :authority where there is none, and drops it
	// where there is one.
	if values := metadata.ValueFromIncomingContext(ctx, ":authority"); len(values) > 0 {
		return values[0]
	}
	return ""
}
