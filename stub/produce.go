package stub

import (
	"iter"
	"reflect"
	"runtime"
	"strings"
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
	ended bool       // yield has returned false, or the sequence has ended
	err   error      // why, nil where the sequence ended by itself

	overlap atomic.Bool // yield was called during a yield
}

// enter begins a yield, and locks the guard for it. It returns false where the
// yield must do nothing but return false, and not at all where the sequence
// must be stopped.
func (g *guard) enter() bool {
	if !g.mu.TryLock() {
		if g.overlap.Swap(true) {
			stop(g)
		}
		return false
	}
	if g.ended {
		g.mu.Unlock()
		stop(g)
	}
	return true
}

// goOn records the outcome of a yield and returns what the yield returns.
// The guard is locked.
func (g *guard) goOn(err error) bool {
	if err == nil && g.overlap.Load() {
		err = misuse(g.method, "the sequence yielded from two goroutines at once")
	}
	if g.err == nil {
		g.err = err
	}
	g.ended = err != nil
	return err == nil
}

// end ends the run for the reason err, once no yield is under way on another
// goroutine.
func (g *guard) end(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.goOn(err)
	g.ended = true
}

// unwind is the panic by which a sequence is stopped that goes on after yield
// returned false. It is recovered by finish, so that only the sequence's own
// deferred functions can see it.
type unwind struct {
	g      *guard
	frames int // the calls of produce that it has yet to come by
}

func (unwind) Error() string {
	return "gohost: the sequence went on after yield returned false, and is stopped"
}

// unwound is set when the first unwind is thrown. Until then, and that is in
// most programs for ever, no panic of a user is touched.
var unwound atomic.Bool

// stop ends the sequence of g, and runs its deferred functions. It does not return.
func stop(g *guard) {
	if n := framesOfProduce(); n > 0 {
		unwound.Store(true)
		panic(unwind{g, n})
	}
	// A goroutine that the sequence has started: there is nobody to recover a
	// panic, which would end the process.
	runtime.Goexit()
}

// finish is deferred by produce, and ends the run of g. It recovers an unwind of
// g and, in the outermost produce of its goroutine, that of any other run, whose
// yield was called by a sequence that it does not belong to. What produce
// returns is *result.
func (g *guard) finish(result *error) {
	var err error
	defer func() {
		g.end(err)
		*result = g.err
	}()
	if !unwound.Load() {
		return
	}
	r := recover()
	u, ok := r.(unwind)
	switch {
	case r == nil || u.g == g:
	case !ok:
		panic(r)
	case u.frames > 1:
		panic(unwind{u.g, u.frames - 1})
	default:
		err = misuse(g.method, "the sequence called the yield of another, which had ended")
	}
}

// produceName is how the name of an instance of produce begins.
var produceName = reflect.TypeFor[guard]().PkgPath() + ".produce["

// framesOfProduce returns how many calls of produce are on this goroutine's
// stack. It is slow, and called for broken sequences only.
func framesOfProduce() int {
	var pcs [64]uintptr
	count := 0
	for skip := 0; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		frames := runtime.CallersFrames(pcs[:n])
		for n > 0 {
			frame, more := frames.Next()
			// Not the functions within it, produce[...].func1.
			if name, ok := strings.CutPrefix(frame.Function, produceName); ok && strings.HasSuffix(name, "]") {
				count++
			}
			if !more {
				break
			}
		}
		if n < len(pcs) {
			return count
		}
	}
}
