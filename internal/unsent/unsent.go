// Package unsent tells a conversation which of its requests a stub could not
// send. A context carries it from package stream to package stub, which do not
// know each other.
package unsent

import "context"

type key struct{}

// NewContext returns a copy of ctx for a call: report is called with each
// request that could not be sent.
func NewContext(ctx context.Context, report func(req any)) context.Context {
	return context.WithValue(ctx, key{}, report)
}

// Report says that req, a request of a call made with ctx, could not be sent.
// Other calls may use the same context, so the receiver has to recognise its
// own requests.
func Report(ctx context.Context, req any) {
	if report, ok := ctx.Value(key{}).(func(any)); ok {
		report(req)
	}
}
