package stub

import (
	"iter"
	"sync"
	"sync/atomic"
)

// produce ranges seq on this goroutine and gives each message to send. It
// returns nil when the sequence has ended, and otherwise the first error: the
// one that the sequence yielded, the one of send, or what the sequence did
// wrong. send is not called after that, nor after produce has returned.
//
// It calls seq by hand: a range statement panics where a sequence goes on after
// yield returned false, or yields from several goroutines, and the other side
// of a connection can bring that about at any time by going away.
//
// Its frames and those that it adds are few and small: they are on the stack of
// each stream, whose goroutine is often parked in the sequence.
func produce[T any](method string, seq iter.Seq2[T, error], send func(T) error) (err error) {
	if seq == nil {
		return misuse(method, "the sequence is nil")
	}
	g := &guard{method: method}
	defer g.finish(&err)
	var zero T
	seq(func(msg T, err error) bool {
		if !g.enter() {
			g.refused.count(g)
			return false
		}
		defer g.mu.Unlock()
		switch {
		case err != nil:
			err = checkYielded(method, err)
		case any(msg) == any(zero):
			err = misuse(method, "the sequence yielded neither a message nor an error")
		default:
			err = send(msg)
		}
		return g.goOn(err)
	})
	return nil // finish says what came of it
}

// guard is the state of one run of a sequence.
type guard struct {
	method string

	mu    sync.Mutex // held during a yield
	ended bool
	err   error // why, nil where the sequence ended by itself

	overlap atomic.Bool // yield was called during a yield
	refused refusals    // the yields after the end
}

// enter begins a yield, and locks the guard for it. It returns false where the
// yield must do nothing but return false.
func (g *guard) enter() bool {
	if !g.mu.TryLock() {
		g.overlap.Store(true)
		return false
	}
	if g.ended {
		g.mu.Unlock()
		return false
	}
	return true
}

// goOn records the outcome of a yield and returns what the yield returns.
// The guard is locked.
func (g *guard) goOn(err error) bool {
	if err == nil && g.overlap.Load() {
		err = misuse(g.method, "the sequence yielded from two goroutines concurrently")
	}
	if g.err == nil {
		g.err = err
	}
	if err != nil {
		g.ended = true
	}
	return err == nil
}

// end ends the run for the reason err, once no yield is under way on another
// goroutine, and returns what came of it.
func (g *guard) end(err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		g.goOn(err)
		g.ended = true
	}
	return g.err
}

// finish is deferred by produce, and ends the run of g. It recovers an unwind.
// What produce returns is *result.
func (g *guard) finish(result *error) {
	var err error
	defer func() { *result = g.end(err) }()
	if !unwound.Load() {
		return
	}
	r := recover()
	u, ok := r.(unwind)
	switch {
	case r == nil || ok && u.g == g:
	case !ok:
		panic(r)
	default:
		err = misuse(g.method, "the sequence went on calling the yield of another, which returned false")
	}
}
