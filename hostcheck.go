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
	CheckOff     CheckMode = iota // nothing
	CheckLog                      // log the calls that CheckEnforce would refuse
	CheckEnforce                  // refuse them, with Unimplemented and an ErrorInfo, ReasonHostNotServed
)

// HostCheck is a pair of server interceptors that compare the host that a call
// names with those that its service declares: its host, its aliases and the
// method's own host. So a server detects calls that a proxy should have sent
// elsewhere. Services are served for every host if they declare no host, or if
// nothing has declared them to this program ([Declare]). Health and reflection are
// examples. [NewHostCheck] makes a HostCheck. It is for any number of servers, and many
// goroutines may use it concurrently.
type HostCheck struct {
	mode   CheckMode
	also   []string
	logger *slog.Logger // nil is slog.Default()
}

// NewHostCheck returns a HostCheck. It returns an error that names all invalid
// hosts of the options, or a mode that is not one of the three.
//
//	check, err := gohost.NewHostCheck(gohost.CheckEnforce, gohost.AlsoAccept("localhost", "*.staging.example"))
//	server := grpc.NewServer(grpc.ChainUnaryInterceptor(check.Unary), grpc.ChainStreamInterceptor(check.Stream))
func NewHostCheck(mode CheckMode, opts ...HostCheckOption) (*HostCheck, error) {
	c := &HostCheck{mode: mode}
	var errs []error
	if mode < CheckOff || mode > CheckEnforce {
		errs = append(errs, fmt.Errorf("there is no mode %d: allowed are CheckOff (%d), CheckLog (%d) and CheckEnforce (%d)",
			mode, CheckOff, CheckLog, CheckEnforce))
	}
	for _, opt := range opts {
		errs = append(errs, opt.applyToHostCheck(c))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("gohost.NewHostCheck: %w", err)
	}
	return c, nil
}

// HostCheckOption is an option of [NewHostCheck]: [AlsoAccept] or [WithLogger].
type HostCheckOption interface{ applyToHostCheck(*HostCheck) error }

// WithLogger returns an option with which a [HostCheck] in mode [CheckLog] logs to l, at
// level Warn, with the attributes method, host and declared. By default, and if l is
// nil, it logs to the [slog.Default] at the time of the call.
func WithLogger(l *slog.Logger) HostCheckOption { return loggerOption{l} }

type loggerOption struct{ logger *slog.Logger }

func (o loggerOption) applyToHostCheck(c *HostCheck) error {
	c.logger = o.logger
	return nil
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
	if c.mode == CheckOff {
		return nil
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	service := Lookup(name)
	authority := authorityOf(ctx)
	if service == nil || service.Accepts(method, authority) || c.accepts(authority) {
		return nil
	}
	if c.mode == CheckEnforce {
		return notServed(name, authority)
	}
	logger := c.logger
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
