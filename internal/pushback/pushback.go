// Package pushback has what a server says about retrying a call. A server says it in a
// RetryInfo among the details of the status, or in the call's trailer, which package stub
// passes on to package stream. See "Pushback" in gRFC A6,
// https://github.com/grpc/proposal/blob/master/A6-client-retries.md.
package pushback

import (
	"context"
	"errors"
	"strconv"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const key = "grpc-retry-pushback-ms"

type contextKey struct{}

// NewContext returns a copy of ctx for calls whose errors are passed to [Of].
func NewContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, true)
}

// Wanted reports whether ctx comes from NewContext.
func Wanted(ctx context.Context) bool { return ctx.Value(contextKey{}) != nil }

// Pushback is what the server says.
type Pushback struct {
	Never bool          // the call must not be retried
	Wait  time.Duration // before the retry
}

// callError is the error of a call whose server has pushed back.
type callError struct {
	error
	Pushback
}

func (e *callError) Unwrap() error { return e.error }

// GRPCStatus returns the status of the call.
func (e *callError) GRPCStatus() *status.Status { return status.Convert(e.error) }

// Keep returns err, the error of a call with this trailer, in such a way that
// [Of] finds the pushback. It returns err itself if the server does not push
// back.
func Keep(err error, trailer metadata.MD) error {
	values := trailer.Get(key)
	if len(values) == 0 {
		return err
	}
	// Like grpc-go: anything but one number of milliseconds means never.
	p := Pushback{Never: true}
	if ms, parse := strconv.ParseInt(values[0], 10, 32); len(values) == 1 && parse == nil && ms >= 0 {
		p = Pushback{Wait: time.Duration(ms) * time.Millisecond}
	}
	return &callError{err, p}
}

// Of returns the pushback of the server whose call ended with err, if there is
// one. The trailer takes precedence over a RetryInfo.
func Of(err error) (Pushback, bool) {
	var e *callError
	if errors.As(err, &e) {
		return e.Pushback, true
	}
	wait, ok := RetryInfo(status.Convert(err))
	return Pushback{Wait: wait}, ok
}
