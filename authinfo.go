package gohost

import (
	"fmt"

	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// authInfo is an AuthInfo that accepts more hosts. The inner one may be nil.
type authInfo struct {
	credentials.AuthInfo
	hosts []string
}

// securedInfo is an authInfo that says how secure the connection is. Saying
// nothing about it differs from any level.
type securedInfo struct {
	authInfo
	security interface {
		GetCommonAuthInfo() credentials.CommonAuthInfo
	}
}

func newAuthInfo(inner credentials.AuthInfo, hosts []string) credentials.AuthInfo {
	info := authInfo{inner, hosts}
	if inner == nil {
		// When a call wants to send a secret, grpc treats a nil AuthInfo as a connection
		// without security, and one that says nothing as a secure connection.
		return securedInfo{info, credentials.CommonAuthInfo{SecurityLevel: credentials.NoSecurity}}
	}
	if security, ok := inner.(interface {
		GetCommonAuthInfo() credentials.CommonAuthInfo
	}); ok {
		return securedInfo{info, security}
	}
	return info
}

// Unwrap returns the AuthInfo of the credentials that gohost.Credentials was given.
func (i authInfo) Unwrap() credentials.AuthInfo { return i.AuthInfo }

// AuthType returns the type of the credentials, or "" if they give no AuthInfo.
func (i authInfo) AuthType() string {
	if i.AuthInfo == nil {
		return ""
	}
	return i.AuthInfo.AuthType()
}

// ValidateAuthority makes this a [credentials.AuthorityValidator].
func (i authInfo) ValidateAuthority(authority string) error {
	if matchesAny(i.hosts, hostname.Normalize(authority)) {
		return nil
	}
	inner, ok := i.AuthInfo.(credentials.AuthorityValidator)
	if !ok {
		return fmt.Errorf("it is not one of the hosts given to gohost.Credentials, and credentials of the type %q know no others", i.AuthType())
	}
	if err := inner.ValidateAuthority(authority); err != nil {
		return fmt.Errorf("%w; it is not one of the hosts given to gohost.Credentials either", err)
	}
	return nil
}

// GetSecurityValue returns what channelz shows of the connection. It is nil, which
// shows nothing, if the credentials have nothing to show.
func (i authInfo) GetSecurityValue() credentials.ChannelzSecurityValue {
	if inner, ok := i.AuthInfo.(credentials.ChannelzSecurityInfo); ok {
		return inner.GetSecurityValue()
	}
	return nil
}

// GetCommonAuthInfo says how secure the connection is, for per-RPC credentials.
func (i securedInfo) GetCommonAuthInfo() credentials.CommonAuthInfo {
	return i.security.GetCommonAuthInfo()
}
