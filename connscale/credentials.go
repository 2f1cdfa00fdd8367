package connscale

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/internal/streamlimit"
)

// Credentials returns credentials that behave like creds, and let the policy see how
// many streams a server allows on a connection. They read only the first frame that the
// server sends. They are for channels whose service config names the policy ([Name]).
// [NewClient] uses them itself, and gohost.Credentials do the same. It is an error if
// creds is nil.
func Credentials(creds credentials.TransportCredentials) (credentials.TransportCredentials, error) {
	if creds == nil {
		return nil, errors.New("connscale.Credentials: the credentials are nil")
	}
	return transportCredentials{TransportCredentials: creds}, nil
}

type transportCredentials struct {
	credentials.TransportCredentials
	registry *registry // of the client that uses them, or nil
}

func (c transportCredentials) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := c.TransportCredentials.ClientHandshake(ctx, authority, conn)
	if err != nil {
		return nil, nil, err
	}
	return streamlimit.Watch(ctx, conn), info, nil
}

func (c transportCredentials) Clone() credentials.TransportCredentials {
	return transportCredentials{c.TransportCredentials.Clone(), c.registry}
}

// UsesXDS returns what the inner credentials say, as grpc's xDS balancers ask.
func (c transportCredentials) UsesXDS() bool { return usesXDS(c.TransportCredentials) }

func usesXDS(creds credentials.TransportCredentials) bool {
	x, ok := creds.(interface{ UsesXDS() bool })
	return ok && x.UsesXDS()
}
