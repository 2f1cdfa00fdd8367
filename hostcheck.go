package gohost

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// CheckMode says what a [HostCheck] does.
type CheckMode int

// The modes of a HostCheck.
const (
	Off     CheckMode = iota // nothing
	Log                      // log the calls that Enforce would refuse
	Enforce                  // refuse them, with Unimplemented and an ErrorInfo, ReasonHostNotServed
)

// HostCheck is a pair of server interceptors that compare the host that a call
// names with those that its service declares: its host, its aliases and the
// method's own host. So a server finds out that a proxy sends it the calls of
// somebody else. Services that declare no host, and those that nobody has
// declared to this program ([Declare]), such as health and reflection, are
// served for every host.
type HostCheck struct {
	// Logger is where the mode Log logs; nil is slog.Default().
	Logger *slog.Logger

	mode CheckMode
	also []string
}

// NewHostCheck returns a HostCheck that accepts the hosts also for every
// service. One of them may be "*.name", for all hosts below name. The error
// names those that are invalid, and a mode that is not one of the three.
//
//	check, err := gohost.NewHostCheck(gohost.Enforce, "localhost", "*.staging.example")
//	server := grpc.NewServer(grpc.ChainUnaryInterceptor(check.Unary), grpc.ChainStreamInterceptor(check.Stream))
func NewHostCheck(mode CheckMode, also ...string) (*HostCheck, error) {
	patterns, err := patternsOf(also)
	if mode < Off || mode > Enforce {
		err = errors.Join(fmt.Errorf("gohost.NewHostCheck: there is no mode %d: allowed are Off (%d), Log (%d) and Enforce (%d)", mode, Off, Log, Enforce), err)
	}
	if err != nil {
		return nil, err
	}
	return &HostCheck{mode: mode, also: patterns}, nil
}

// Unary is the interceptor of unary calls.
func (c *HostCheck) Unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := c.check(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

// Stream is the interceptor of streams.
func (c *HostCheck) Stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := c.check(ss.Context(), info.FullMethod); err != nil {
		return err
	}
	return handler(srv, ss)
}

func (c *HostCheck) check(ctx context.Context, method string) error {
	if c.mode == Off {
		return nil
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	service := Lookup(name)
	authority := authorityOf(ctx)
	if service == nil || service.Accepts(method, authority) || c.accepts(authority) {
		return nil
	}
	if c.mode == Enforce {
		return notServed(name, authority)
	}
	logger := c.Logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.WarnContext(ctx, "gohost: a call names a host that its service does not declare",
		"method", method, "host", authority, "declared", service.hosts())
	return nil
}

func (c *HostCheck) accepts(authority string) bool {
	return matchesAny(c.also, hostname.Normalize(authority))
}

// patternsOf returns hosts, each a host or "*.name", in lower case. The error
// names all that are invalid.
func patternsOf(hosts []string) ([]string, error) {
	var patterns []string
	var errs []error
	for _, host := range hosts {
		errs = append(errs, hostname.CheckPattern(host))
		patterns = append(patterns, strings.ToLower(host))
	}
	return patterns, errors.Join(errs...)
}

func matchesAny(patterns []string, host string) bool {
	for _, pattern := range patterns {
		if hostname.Matches(pattern, host) {
			return true
		}
	}
	return false
}
