package gohost

import (
	"context"

	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// HostFromContext returns the host that a call names. ctx is the context of the call's
// handler on the server, or derived from it. The host is in lower case, without a port
// and without the dot at the end of a fully-qualified name. HostFromContext returns ""
// if the call names no host, or an invalid one. A client can name any host, so the host
// proves nothing about the client.
func HostFromContext(ctx context.Context) string { return hostname.Normalize(authorityOf(ctx)) }

// authorityOf returns the :authority of a call, as the client has sent it.
func authorityOf(ctx context.Context) string {
	// If there is no :authority, grpc makes it from the host header. Otherwise grpc
	// drops that header.
	if values := metadata.ValueFromIncomingContext(ctx, ":authority"); len(values) > 0 {
		return values[0]
	}
	return ""
}
