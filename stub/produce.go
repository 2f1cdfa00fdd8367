package stub

import (
	"iter"
	"sync"
	"sync/atomic"
)

// produce ranges seq on this goroutine and passes each message to send. It returns nil
// when the sequence has ended, and otherwise the first error: the one that the sequence
// yielded, the one of send, or a misuse by the sequence. send is not called after that,
// nor after produce has returned.
//
// It calls seq by hand. A range statement panics if a sequence continues after yield
// returned false, or yields from several goroutines, and the other side of a connection
// can cause that at any time by going away.
//
// Its frames and those that it adds are few and small: they are on the stack of each
// stream, whose goroutine is often parked in the sequence.
func produce[T any](method string, seq iter.Seq2[T, error], send func(T) error) (err error) {
	if seq == nil {
		return misuse(method, "the sequence is nil")
	}
	r := &run{method: method}
	defer r.finish(&err)
	var zero T
	seq(func(msg T, err error) bool {
		if !r.enter() {
			r.refused.count(r)
			return false
		}
		defer r.mu.Unlock()
		switch {
		case err != nil:
			err = checkYielded(method, err)
		case any(msg) == any(zero):
			err = misuse(method, "the sequence yielded neither a message nor an error")
		default:
			err = send(msg)
		}
		return r.goOn(err)
	})
	return nil // finish sets the result
}

// run is one run of a sequence.
type run struct {
	method string

	mu    sync.Mutex // held during a yield
	ended bool
	err   error // why; nil if the sequence ended by itself

	overlap atomic.Bool // yield was called during a yield
	refused refusals    // the yields after the end
}

// enter begins a yield, and locks it. It returns false if the yield must only return
// false.
func (r *run) enter() bool {
	if !r.mu.TryLock() {
		r.overlap.Store(true)
		return false
	}
	if r.ended {
		r.mu.Unlock()
		return false
	}
	return true
}

// goOn records the outcome of a yield and returns what the yield returns.
// The run is locked.
func (r *run) goOn(err error) bool {
	if err == nil && r.overlap.Load() {
		err = misuse(r.method, "the sequence yielded from two goroutines concurrently")
	}
	if r.err == nil {
		r.err = err
	}
	if err != nil {
		r.ended = true
	}
	return err == nil
}

// end ends the run for the reason err, once no yield is in progress on another goroutine,
// and returns the outcome.
func (r *run) end(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.goOn(err)
		r.ended = true
	}
	return r.err
}

// finish is deferred by produce, and ends the run of r. It recovers an unwind. *result is
// what produce returns.
func (r *run) finish(result *error) {
	var err error
	defer func() { *result = r.end(err) }()
	if !unwound.Load() {
		return
	}
	raised := recover()
	u, ok := raised.(unwind)
	switch {
	case raised == nil || ok && u.run == r:
	case !ok:
		panic(raised)
	default:
		err = misuse(r.method, "the sequence went on calling the yield of another, which returned false")
	}
}
