package generator

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls f with the numbers below n, with as many calls in parallel
// as there are processors, and joins the errors in the order of the numbers. It
// panics if f does: on another goroutine the panic would end the process.
func inParallel(n int, f func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var raised atomic.Pointer[any]
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			defer func() {
				if r := recover(); r != nil {
					raised.Store(&r)
				}
			}()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = f(i)
			}
		}()
	}
	workers.Wait()
	if r := raised.Load(); r != nil {
		panic(*r) //nolint:forbidigo // it is recovered by protocplugin.Respond
	}
	return errors.Join(errs...)
}
