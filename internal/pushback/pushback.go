// Package pushback has what a server says about trying a call again. A server says
// that in the details of the status, by a RetryInfo, or in the call's trailer, which
// package stub carries from there to package stream: see "Pushback" in gRFC A6,
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

// NewContext returns a copy of ctx for calls whose errors are asked by [Of].
func NewContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, true)
}

// Wanted tells whether ctx is one of NewContext.
func Wanted(ctx context.Context) bool { return ctx.Value(contextKey{}) != nil }

// Pushback is what the server says.
type Pushback struct {
	Never bool          // the call is not to be tried again
	Wait  time.Duration // before it is
}

// callError is the error of a call whose server has pushed back.
type callError struct {
	error
	Pushback
}

func (e *callError) Unwrap() error { return e.error }

// GRPCStatus makes the status of the call the error's for package status.
func (e *callError) GRPCStatus() *status.Status { return status.Convert(e.error) }

// Keep returns err, the error of a call with this trailer, with what [Of] finds
// in it: err itself where the server does not push back.
func Keep(err error, trailer metadata.MD) error {
	values := trailer.Get(key)
	if len(values) == 0 {
		return err
	}
	// As grpc-go does: what is not one number of milliseconds is a no.
	p := Pushback{Never: true}
	if ms, parse := strconv.ParseInt(values[0], 10, 32); len(values) == 1 && parse == nil && ms >= 0 {
		p = Pushback{Wait: time.Duration(ms) * time.Millisecond}
	}
	return &callError{err, p}
}

// Of returns what the server of the call that ended with err has said, if it has.
// The trailer counts before a RetryInfo.
func Of(err error) (Pushback, bool) {
	var e *callError
	if errors.As(err, &e) {
		return e.Pushback, true
	}
	wait, ok := RetryInfo(status.Convert(err))
	return Pushback{Wait: wait}, ok
}
