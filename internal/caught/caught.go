// Package caught carries the panic or the Goexit of a goroutine of ours to one
// of the user's.
package caught

import (
	"runtime"
	"runtime/debug"
	"sync"

	"google.golang.org/grpc/grpclog"
)

var logger = grpclog.Component("gohost")

// Log logs the panic r of what, with its stack, which is gone when it goes on
// elsewhere. It is called by the deferred function that has recovered r; nil is
// a Goexit, and not logged.
func Log(what string, r any) {
	if r != nil {
		logger.Errorf("%s panicked: %v\n%s", what, r, debug.Stack())
	}
}

// Raise goes on with what recover has returned r for; nil is a Goexit. It does
// not return.
func Raise(r any) {
	if r == nil {
		runtime.Goexit()
	}
	panic(r) //nolint:forbidigo // it is the user's, and goes on
}

// RaiseOnce returns a function that does what Raise does with r when it is called
// first, and nothing after that. Several goroutines may call it.
func RaiseOnce(r any) func() {
	var once sync.Once
	return func() { once.Do(func() { Raise(r) }) }
}
