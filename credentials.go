package gohost

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/internal/streamlimit"
)

// Credentials returns credentials that behave like creds, and with [AlsoAccept]
// also allow calls to name hosts on a connection to a server whose certificate
// does not name them. It is for a proxy that ends TLS with a certificate of its
// own name:
//
//	creds, err := gohost.Credentials(credentials.NewTLS(nil),
//		gohost.AlsoAccept("square.example", "*.tenants.example"))
//
// grpc compares the host of a call with the names of the server's certificate,
// whatever the tls.Config says: InsecureSkipVerify does not skip it. Nothing
// else changes: the certificate must be valid for the address that is dialled,
// and hosts that are not listed must stand in it. List only what the proxy may
// see: it can read the calls to these hosts, and so can anybody with its key.
//
// The error names all invalid hosts. It is an error, too, that creds is nil.
//
// A channel with these credentials can open another connection when all are full:
// package connscale learns by them how many streams the server allows on one.
//
// What grpc asks of credentials beside their methods is answered by creds:
// those of package xds remain such. The AuthInfo that
// [google.golang.org/grpc/peer.Peer] has on the client is a wrapper, whose
// method Unwrap returns the one of creds, such as a [credentials.TLSInfo].
// Unwrap returns nil where creds give none; the connection then counts as one
// without security, and allows the listed hosts alone.
func Credentials(creds credentials.TransportCredentials, opts ...CredentialsOption) (credentials.TransportCredentials, error) {
	c := transportCredentials{TransportCredentials: creds}
	var errs []error
	if creds == nil {
		errs = append(errs, errors.New("the credentials are nil"))
	}
	for _, opt := range opts {
		errs = append(errs, opt.applyToCredentials(&c))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("gohost.Credentials: %w", err)
	}
	return c, nil
}

// CredentialsOption is an option of [Credentials]: [AlsoAccept].
type CredentialsOption interface {
	applyToCredentials(*transportCredentials) error
}

type transportCredentials struct {
	credentials.TransportCredentials
	hosts []string
}

func (c transportCredentials) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := c.TransportCredentials.ClientHandshake(ctx, authority, conn)
	if err != nil {
		return nil, nil, err
	}
	return streamlimit.Watch(ctx, conn), newAuthInfo(info, c.hosts), nil
}

func (c transportCredentials) Clone() credentials.TransportCredentials {
	return transportCredentials{c.TransportCredentials.Clone(), slices.Clone(c.hosts)}
}

// UsesXDS tells grpc's xDS balancers whether to say in the handshake what the
// control plane wants of it. Without it, credentials of package xds would take
// their fallback, silently.
func (c transportCredentials) UsesXDS() bool {
	inner, ok := c.TransportCredentials.(interface{ UsesXDS() bool })
	return ok && inner.UsesXDS()
}
