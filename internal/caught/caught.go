// Package caught carries a panic or a Goexit from a goroutine of ours to one of
// the user's.
package caught

import (
	"runtime"
	"runtime/debug"
	"sync"

	"google.golang.org/grpc/grpclog"
)

var logger = grpclog.Component("gohost")

// Log logs the panic r of what with its stack, which is lost when the panic
// continues elsewhere. The deferred function that recovered r calls it. A nil r
// means Goexit, which is not logged.
func Log(what string, r any) {
	if r != nil {
		logger.Errorf("%s panicked: %v\n%s", what, r, debug.Stack())
	}
}

// Raise panics with r, which recover has returned; if r is nil, it calls
// Goexit. It does not return.
func Raise(r any) {
	if r == nil {
		runtime.Goexit()
	}
	panic(r) //nolint:forbidigo // the user's panic continues
}

// RaiseOnce returns a function that calls Raise with r the first time, and does
// nothing after that. Several goroutines may call it.
func RaiseOnce(r any) func() {
	var once sync.Once
	return func() { once.Do(func() { Raise(r) }) }
}
