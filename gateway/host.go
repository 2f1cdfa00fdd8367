package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/routing"
)

// HostFunc chooses the host of a call to the upstream, from the context of the client's
// call: for instance from its metadata, or from what an interceptor has found out about
// the client. "" leaves the choice to the stub. An error ends the call, with its status
// if it has one, otherwise with Internal.
type HostFunc func(ctx context.Context) (host string, err error)

var errInvalidHost = status.Error(codes.InvalidArgument, "gateway: the host of the call is invalid")

// HostBy returns an option with which choose returns the host that a call names. It
// wins over the host of the stub, which is the default. If choose returns an invalid host,
// the call fails with InvalidArgument, and nothing is sent. choose is called once per call,
// perhaps concurrently. A nil choose is an invalid option.
//
// A client can name any host and any tenant: check in an interceptor of the server, or
// in choose, whether the client may use it.
func HostBy(choose HostFunc) Option {
	return option(func(o *options) error {
		if choose == nil {
			return errors.New("HostBy was given a nil function")
		}
		o.choose = choose
		return nil
	})
}

// IncomingHost is a [HostFunc] for gateways that pass on the host that the client has
// named, in lower case and without a port. If there is no valid host, the call fails with
// InvalidArgument.
func IncomingHost(ctx context.Context) (string, error) {
	host := gohost.HostFromContext(ctx)
	if host == "" {
		return "", errInvalidHost
	}
	return host, nil
}

// TenantOfHost returns a [HostFunc] that names the tenant of the client's call below
// another domain. from and to are patterns, such as "*.api.example" and
// "*.internal.example". The part of the host that matches the * of from replaces the *
// of to. It may have several labels. A host that is not below from is not served: the
// call fails with Unimplemented. With an invalid pattern all calls fail with Internal.
func TenantOfHost(from, to string) HostFunc {
	err := errors.Join(checkBelow(from), checkBelow(to))
	suffix, domain := strings.TrimPrefix(strings.ToLower(from), "*"), strings.TrimPrefix(to, "*")
	return func(ctx context.Context) (string, error) {
		if err != nil {
			return "", err
		}
		tenant, ok := strings.CutSuffix(gohost.HostFromContext(ctx), suffix)
		if !ok {
			return "", status.Error(codes.Unimplemented, "gateway: the host of the call is not served")
		}
		return tenant + domain, nil
	}
}

// TenantOfMetadata returns a [HostFunc] that names the tenant of the client's call below
// a domain. to is a pattern such as "*.internal.example", whose * is replaced by the
// single value of key in the client's metadata. A call fails with InvalidArgument if key
// is missing, has several values, or has one that is not a single label of a host. With
// an invalid pattern all calls fail with Internal.
func TenantOfMetadata(key, to string) HostFunc {
	err := checkBelow(to)
	domain := strings.TrimPrefix(to, "*")
	return func(ctx context.Context) (string, error) {
		if err != nil {
			return "", err
		}
		tenant := metadata.ValueFromIncomingContext(ctx, key)
		if len(tenant) != 1 || strings.ContainsAny(tenant[0], ".:[]") || hostname.Check(tenant[0]+domain) != nil {
			return "", status.Errorf(codes.InvalidArgument, "gateway: the metadata %q does not name a tenant", key)
		}
		return tenant[0] + domain, nil
	}
}

// checkBelow returns an error if pattern is not "*.name".
func checkBelow(pattern string) error {
	if !strings.HasPrefix(pattern, "*.") {
		return fmt.Errorf("the pattern %q does not begin with \"*.\"", pattern)
	}
	return hostname.CheckPattern(pattern)
}

// chooseHost returns the host that HostBy chooses for a call, or "".
func (o *options) chooseHost(ctx context.Context) (string, error) {
	if o.choose == nil {
		return "", nil
	}
	host, err := o.choose(ctx)
	if err != nil {
		if _, ok := status.FromError(err); !ok {
			err = failed(err)
		}
		return "", err
	}
	if err := routing.CheckSent(host); err != nil {
		return "", hidden(status.Errorf(codes.InvalidArgument, "gateway: %v", err), errInvalidHost)
	}
	return host, nil
}
