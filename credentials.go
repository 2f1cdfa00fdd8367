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

// Credentials returns credentials that behave like creds, but with [AlsoAccept]
// also allow calls to name hosts that the server's certificate does not name. It is
// for a proxy that ends TLS with a certificate of its own name:
//
//	creds, err := gohost.Credentials(credentials.NewTLS(nil),
//		gohost.AlsoAccept("square.example", "*.tenants.example"))
//
// grpc compares the host of a call with the names in the server's certificate
// ([credentials.AuthorityValidator]). No [crypto/tls.Config] turns this off, not even
// InsecureSkipVerify. Nothing else changes: the certificate must be valid for the
// address that is dialled, and it must name all hosts that are not listed. List only
// hosts that the proxy may see: anyone with the proxy's key can read the calls to them.
// "*.name" accepts hosts at any depth below name, unlike a name in a certificate, which
// has one label for the *.
//
// Credentials returns an error that names all invalid hosts, or if creds is nil. The
// result uses creds, and may be used for several connections if creds may.
//
// With these credentials package [github.com/gohostrpc/gohost/connscale] learns how
// many streams a server allows per connection, so that it can open another connection
// when all are full. Credentials of package [google.golang.org/grpc/credentials/xds]
// still take their settings from the control plane.
//
// On the client, the AuthInfo in [google.golang.org/grpc/peer.Peer] is a wrapper. Its
// method Unwrap returns the AuthInfo of creds, such as a [credentials.TLSInfo], or nil
// if creds give none. Without an AuthInfo the connection counts as one without security,
// and allows only the listed hosts.
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

// UsesXDS tells grpc's xDS balancers whether to put the control plane's settings into
// the handshake. Without it, credentials of package xds would silently use their
// fallback.
func (c transportCredentials) UsesXDS() bool {
	inner, ok := c.TransportCredentials.(interface{ UsesXDS() bool })
	return ok && inner.UsesXDS()
}
