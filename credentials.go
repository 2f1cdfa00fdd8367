package gohost

import (
	"context"
	"fmt"
	"net"
	"slices"

	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// Credentials returns credentials that do as creds does, and also allow calls
// to name the hosts, or hosts below name for "*.name", on a connection to a
// server whose certificate does not name them. It is for a proxy that ends TLS
// with a certificate of its own name:
//
//	creds := gohost.Credentials(credentials.NewTLS(nil), "square.example", "*.tenants.example")
//
// grpc compares the host of a call with the names of the server's certificate,
// whatever the tls.Config says: InsecureSkipVerify does not skip it. Nothing
// else changes: the certificate must be valid for the address that is dialled,
// and hosts that are not listed must stand in it. List only what the proxy may
// see: whoever has its key can read the calls to these hosts.
//
// An invalid host is the error of every handshake. The AuthInfo that
// [google.golang.org/grpc/peer.Peer] has on the client is a wrapper, whose
// method Unwrap returns the one of creds, such as a [credentials.TLSInfo].
func Credentials(creds credentials.TransportCredentials, hosts ...string) credentials.TransportCredentials {
	patterns, err := patternsOf(hosts)
	return transportCredentials{creds, patterns, err}
}

type transportCredentials struct {
	credentials.TransportCredentials
	hosts []string
	err   error
}

func (c transportCredentials) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if c.err != nil {
		return nil, nil, fmt.Errorf("gohost.Credentials: %w", c.err)
	}
	conn, info, err := c.TransportCredentials.ClientHandshake(ctx, authority, conn)
	if err != nil {
		return nil, nil, err
	}
	return conn, authInfo{info, c.hosts}, nil
}

func (c transportCredentials) Clone() credentials.TransportCredentials {
	return transportCredentials{c.TransportCredentials.Clone(), slices.Clone(c.hosts), c.err}
}

// authInfo is an AuthInfo that accepts more hosts.
type authInfo struct {
	credentials.AuthInfo
	hosts []string
}

// Unwrap returns the AuthInfo of the credentials that gohost.Credentials was given.
func (i authInfo) Unwrap() credentials.AuthInfo { return i.AuthInfo }

// ValidateAuthority makes this a [credentials.AuthorityValidator].
func (i authInfo) ValidateAuthority(authority string) error {
	if matchesAny(i.hosts, hostname.Normalize(authority)) {
		return nil
	}
	inner, ok := i.AuthInfo.(credentials.AuthorityValidator)
	if !ok {
		return fmt.Errorf("it is none of the hosts given to gohost.Credentials, and credentials of the type %q know no others", i.AuthType())
	}
	if err := inner.ValidateAuthority(authority); err != nil {
		return fmt.Errorf("%w; nor is it one of the hosts given to gohost.Credentials", err)
	}
	return nil
}

// GetCommonAuthInfo says how secure the connection is, for per-RPC credentials.
func (i authInfo) GetCommonAuthInfo() credentials.CommonAuthInfo {
	if inner, ok := i.AuthInfo.(interface {
		GetCommonAuthInfo() credentials.CommonAuthInfo
	}); ok {
		return inner.GetCommonAuthInfo()
	}
	return credentials.CommonAuthInfo{}
}

// GetSecurityValue is what channelz shows of the connection.
func (i authInfo) GetSecurityValue() credentials.ChannelzSecurityValue {
	if inner, ok := i.AuthInfo.(credentials.ChannelzSecurityInfo); ok {
		return inner.GetSecurityValue()
	}
	return &credentials.OtherChannelzSecurityValue{Name: i.AuthType()}
}
