package gohostconnect

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/codes"
)

// How long a call whose context has ended waits for what may have arrived, and how long
// it keeps that for a later RecvMsg.
const (
	arrivesWithin = 10 * time.Millisecond
	keptFor       = time.Second
)

// realKey is the key of the context that connect's is a view of.
type realKey struct{}

// unendingContext is ctx for connect, which stops receiving when its context has ended.
// With this context, what has arrived by then is still received, above all the status of
// the call. The request itself has ctx.
type unendingContext struct {
	context.Context               //nolint:containedctx // it is one
	done            chan struct{} // closed when ctx ends before there is a request; nil if never
}

// newUnendingContext returns such a context for call. It ends if there is no request.
func newUnendingContext(ctx context.Context, call *clientCall) unendingContext {
	c := unendingContext{ctx, make(chan struct{})}
	context.AfterFunc(ctx, func() {
		if !call.requested.Load() {
			close(c.done)
		}
	})
	return c
}

func (c unendingContext) Done() <-chan struct{} { return c.done }

func (c unendingContext) Err() error {
	select {
	case <-c.done:
		return c.Context.Err()
	default:
		return nil
	}
}

func (c unendingContext) Value(key any) any {
	if key == (realKey{}) {
		return c.Context
	}
	return c.Context.Value(key)
}

// realContextOf returns the context that ctx is a view of.
func realContextOf(ctx context.Context) context.Context {
	if c, ok := ctx.Value(realKey{}).(context.Context); ok {
		return c
	}
	return ctx
}

// response is the body of a response. It ends with the context of its call, after what
// has arrived.
type response struct {
	io.ReadCloser
	ctx    context.Context //nolint:containedctx // of the request
	reads  atomic.Int64    // how many have begun or ended: odd while one is running
	since  atomic.Int64    // when the last one began
	closed atomic.Bool
}

// watchResponse ends the body of res with ctx, the context of its request: while net/http
// waits until it may send more, it does not check the context.
func watchResponse(ctx context.Context, res *http.Response) {
	b := &response{ReadCloser: res.Body, ctx: ctx}
	res.Body = b
	context.AfterFunc(ctx, func() {
		n := b.reads.Load()
		switch {
		case b.closed.Load():
		case n%2 == 1 && time.Now().UnixNano()-b.since.Load() >= int64(arrivesWithin): // nothing has arrived
			_ = b.Close()
		default:
			b.closeUnless(n)
			time.AfterFunc(keptFor, func() { _ = b.Close() })
		}
	})
}

// closeUnless closes the body unless the read n ends with what has arrived.
func (b *response) closeUnless(n int64) *time.Timer {
	return time.AfterFunc(arrivesWithin, func() {
		if n%2 == 1 && b.reads.Load() == n {
			_ = b.Close()
		}
	})
}

// Read reads. Its errors have gRPC's codes: with connect's, the code of a lost connection
// would vary.
func (b *response) Read(p []byte) (int, error) {
	b.since.Store(time.Now().UnixNano())
	began := b.reads.Add(1)
	defer b.reads.Add(1)
	if b.ctx.Err() != nil {
		defer b.closeUnless(began).Stop()
	}
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == nil || err == io.EOF || strings.HasPrefix(err.Error(), "stream error: "): // connect knows the errors of HTTP/2
		return n, err
	case b.ctx.Err() != nil:
		return n, b.ctx.Err()
	}
	return n, connect.NewError(connect.Code(codes.Unavailable), err.Error()).WithCause(err)
}

// Close resets the stream of HTTP/2 or closes the connection of HTTP/1.1, unless
// everything has been read.
func (b *response) Close() error {
	b.closed.Store(true)
	return b.ReadCloser.Close()
}
