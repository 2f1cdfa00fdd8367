package stub

import (
	"bytes"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// These limits are for a sequence that continues after yield has returned false. Any client
// can cause that, by leaving. So the sequence must neither keep a processor busy, nor may
// anything but the sequence itself be ended.
const (
	// freeRefusals is how many yields of a run are refused before anything else
	// happens. It is more than there are workers that share one yield.
	freeRefusals = 1000
	// ownRefusals is how many more a goroutine that produce ranges a sequence on
	// may ignore. Then its sequence is unwound.
	ownRefusals = 1000
	// slowest is the longest that a yield on any other goroutine takes to return
	// false.
	slowest = time.Second
)

// refusals are the yields of a run that were refused.
type refusals struct {
	all atomic.Int64

	mu  sync.Mutex
	own map[string]int // on goroutines that produce ranges a sequence on, beyond freeRefusals
}

// count counts a refused yield of the run of. It does not return if the sequence on this
// goroutine must be unwound.
func (r *refusals) count(of *run) {
	n := r.all.Add(1) - freeRefusals
	switch {
	case n <= 0:
	case !inProduce():
		// This is a goroutine of the user: nothing recovers a panic there, and ending it
		// otherwise would skip its remaining work.
		time.Sleep(min(time.Duration(n)*time.Millisecond/freeRefusals+time.Millisecond, slowest))
	case r.countOwn() >= ownRefusals:
		unwound.Store(true)
		panic(unwind{of}) //nolint:forbidigo // recovered by produce
	}
}

// countOwn counts a refused yield of this goroutine, and returns their number.
func (r *refusals) countOwn() int {
	id := goroutine()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.own == nil {
		r.own = make(map[string]int)
	}
	r.own[id]++
	return r.own[id]
}

// unwind is the panic that stops a sequence which keeps continuing after yield returned
// false. The innermost produce of its goroutine recovers it, so only the sequence's own
// deferred functions can see it.
type unwind struct{ run *run }

func (unwind) Error() string {
	return "gohost: the sequence went on after yield had returned false thousands of times, and is stopped"
}

// unwound is set when the first unwind is thrown. Until then, which in most programs is
// forever, no panic of a user is touched.
var unwound atomic.Bool

// produceName is how the name of an instance of produce begins.
var produceName = reflect.TypeFor[run]().PkgPath() + ".produce["

// inProduce reports whether produce is on this goroutine's stack. It is slow, and is called
// only for broken sequences.
func inProduce() bool {
	var pcs [64]uintptr
	for skip := 0; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		frames := runtime.CallersFrames(pcs[:n])
		for n > 0 {
			frame, more := frames.Next()
			// Not the functions within it, produce[...].func1.
			if name, ok := strings.CutPrefix(frame.Function, produceName); ok && strings.HasSuffix(name, "]") {
				return true
			}
			if !more {
				break
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}

// goroutine returns the first line of this goroutine's trace, "goroutine 17", which is
// unique. It is slow.
func goroutine() string {
	var buf [64]byte
	line := buf[:runtime.Stack(buf[:], false)]
	id, _, _ := bytes.Cut(line, []byte(" ["))
	return string(id)
}
