package connscale_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost/connscale"
)

// If the context of a waiting call ends, the error says why no stream was free.
func TestWhyThereIsNoStream(t *testing.T) {
	t.Parallel()
	const late = "context deadline exceeded while waiting for a stream: "
	tests := map[string]struct {
		limit uint32
		opts  connscale.Options
		calls int                              // the number of running calls
		dial  func(context.Context, try) error // for connections after the first
		want  string
	}{
		"all are full":              {limit: 1, calls: 10, want: "all of the 10 connections are full"},
		"there may be one":          {limit: 2, opts: connscale.Options{MaxConnections: 1}, calls: 2, want: "the only connection is full"},
		"no other can be opened":    {limit: 1, calls: 1, dial: only(1), want: `the only connection is full, and another one fails: connection error: desc = "transport: Error while dialing: connection refused"`},
		"the third hangs":           {limit: 1, calls: 2, dial: hangs(2), want: "all of the 2 connections are full, and another one is not ready yet"},
		"the server allows nothing": {limit: 0, opts: connscale.Options{MaxConnections: 2}, want: "all of the 2 connections are full, since the server allows no streams"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.allow(t, "server", test.limit)
				n.setRefuse(test.dial)
				client := n.client(t, test.opts)
				hold(t, client, test.calls)
				for kind, call := range map[string]func(context.Context) error{
					"a stream":     func(ctx context.Context) error { _, err := open(ctx, client); return err },
					"a unary call": func(ctx context.Context) error { return unary(ctx, client, grpc.WaitForReady(true)) },
				} {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					begin := time.Now()
					wantError(t, kind, call(ctx), codes.DeadlineExceeded, late+test.want)
					if took := time.Since(begin); took != time.Second {
						t.Errorf("%s took %v, want 1 s", kind, took)
					}
				}
			})
		})
	}
}

// hangs makes all tries hang except the first n.
func hangs(n int) func(context.Context, try) error {
	return func(ctx context.Context, t try) error {
		if t.number < n {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// allow serves at address with a limit that may be 0.
func (n *network) allow(t *testing.T, address string, limit uint32) {
	t.Helper()
	if limit > 0 {
		n.serve(t, address, grpc.MaxConcurrentStreams(limit))
		return
	}
	n.serveFrames(t, address, &frames{limits: []uint32{0}})
}
