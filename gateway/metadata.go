package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc/metadata"
)

// tracing are the keys that are forwarded by default: the trace context of the W3C, and
// the older one of gRPC (gRFC A72). Baggage is not among them: programs may put anything
// into it, such as who the user is, and a backend that trusts its gateway must not get
// that from any client.
var tracing = []string{"traceparent", "tracestate", "grpc-trace-bin"}

// Forward returns an option that forwards these keys of a client's metadata to the
// upstream, in addition to those of the trace context (traceparent, tracestate and
// grpc-trace-bin). Several such options add up.
//
//	gateway.Forward("authorization", "x-request-id", "baggage")
//
// A value that metadata cannot have is left out: one beyond printable ASCII, if the key
// does not end in -bin. A key that belongs to a connection, such as host, user-agent,
// content-type or another key that begins with grpc-, is an invalid option.
func Forward(keys ...string) Option {
	return option(func(o *options) error {
		more, err := keysOf("Forward", keys)
		more = slices.DeleteFunc(more, func(key string) bool { return slices.Contains(o.forwarded, key) })
		o.forwarded = slices.Concat(o.forwarded, more)
		return err
	})
}

// ForwardOnly is [Forward] without the keys of the trace context, and without those of
// the options before it.
func ForwardOnly(keys ...string) Option {
	return option(func(o *options) error {
		only, err := keysOf("ForwardOnly", keys)
		o.forwarded = only
		return err
	})
}

// Withhold returns an option that does not pass these keys of the upstream's headers and
// trailers back to the client. Several such options add up. In any case these keys are
// withheld: those of HTTP and of gRPC, such as content-type and grpc-encoding, except
// grpc-retry-pushback-ms; endpoint-load-metrics and endpoint-load-metrics-bin; and alt-svc,
// date, server, via, x-powered-by and those that begin with x-envoy-.
func Withhold(keys ...string) Option {
	return option(func(o *options) error {
		withheld := make(map[string]bool)
		for key := range o.withheld {
			withheld[key] = true
		}
		for _, key := range keys {
			withheld[strings.ToLower(key)] = true
		}
		o.withheld = withheld
		return nil
	})
}

// keysOf returns keys in lower case, each once, and an error that names those that
// cannot be forwarded.
func keysOf(option string, keys []string) (valid []string, err error) {
	var errs []error
	for _, key := range keys {
		key = strings.ToLower(key)
		switch {
		case !isKey(key):
			errs = append(errs, fmt.Errorf("%s: %q is not a key of metadata: those have letters, digits, '-', '_' and '.'", option, key))
		case !slices.Contains(tracing, key) && ofConnection(key) || key == "user-agent" || key == "host":
			errs = append(errs, fmt.Errorf("%s: %q is not forwarded: it belongs to a connection", option, key))
		case !slices.Contains(valid, key):
			valid = append(valid, key)
		}
	}
	return valid, errors.Join(errs...)
}

func isKey(key string) bool {
	for _, c := range []byte(key) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-_.", c) >= 0) {
			return false
		}
	}
	return key != ""
}

// forward returns ctx with the forwarded part of its incoming metadata. What the
// program itself has put there stays, and nothing is added to it.
func (o *options) forward(ctx context.Context) context.Context {
	set, _ := metadata.FromOutgoingContext(ctx)
	var pairs []string
	for _, key := range o.forwarded {
		if len(set[key]) > 0 {
			continue
		}
		for _, value := range metadata.ValueFromIncomingContext(ctx, key) {
			if isValue(key, value) {
				pairs = append(pairs, key, value)
			}
		}
	}
	if pairs == nil {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}

// isValue reports whether grpc can send the value.
func isValue(key, value string) bool {
	if strings.HasSuffix(key, "-bin") {
		return true
	}
	for _, c := range []byte(value) {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// back returns the part of an upstream's header or trailer that is passed back.
func (o *options) back(md metadata.MD) metadata.MD {
	var back metadata.MD
	for key, values := range md {
		if o.withheld[key] || ofConnection(key) || ofProxy(key) {
			continue
		}
		for _, value := range values {
			if !isValue(key, value) {
				continue
			}
			if back == nil {
				back = make(metadata.MD, len(md))
			}
			back[key] = append(back[key], value)
		}
	}
	return back
}

// ofConnection reports whether a key belongs to one connection: to HTTP, to gRPC, or to
// the balancing of calls among backends. When to try again concerns the client.
func ofConnection(key string) bool {
	switch key {
	case "connection", "content-length", "content-type", "endpoint-load-metrics", "endpoint-load-metrics-bin",
		"keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade":
		return true
	case "grpc-retry-pushback-ms":
		return false
	}
	return strings.HasPrefix(key, ":") || strings.HasPrefix(key, "grpc-")
}

// ofProxy reports whether proxies and servers use a key to describe themselves.
func ofProxy(key string) bool {
	switch key {
	case "alt-svc", "date", "server", "via", "x-powered-by":
		return true
	}
	return strings.HasPrefix(key, "x-envoy-")
}
