package drain

import (
	"context"
	"sync"
	"time"

	"github.com/gohostrpc/gohost/internal/await"
)

// calls are the open calls of a server. It asks them to end, and then ends them.
type calls struct {
	opts Options

	mu     sync.Mutex
	open   map[*call]struct{}
	asking bool // each further call is asked too
	ending bool
}

// add adds a call.
func (cs *calls) add(c *call) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.open == nil {
		cs.open = make(map[*call]struct{})
	}
	cs.open[c] = struct{}{}
	if cs.asking {
		c.askToEnd()
	}
	if cs.ending {
		c.cut()
	}
}

// remove removes a call, whose handler has returned.
func (cs *calls) remove(c *call) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c.age != nil {
		c.age.Stop()
	}
	delete(cs.open, c)
}

// limit asks c to end when it has reached age, and ends it when the grace is over.
func (cs *calls) limit(c *call, age time.Duration) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c.age = time.AfterFunc(age, func() {
		cs.mu.Lock()
		defer cs.mu.Unlock()
		switch c.steps++; c.steps {
		case 1:
			c.askToEnd()
			c.age.Reset(cs.opts.Grace)
		case 2:
			c.cut()
			c.age.Reset(handlersWithin)
		case 3:
			c.finish()
		}
	})
}

// end ends all calls, now and from now on. It asks them to end, cuts those that
// continue after the grace, and finishes the rest. It returns true as soon as graceful
// is closed, which means that the server has ended, and false if that does not happen.
func (cs *calls) end(graceful <-chan struct{}) bool {
	cs.askAll()
	if await.Within(graceful, cs.opts.Grace) {
		return true
	}
	cs.cutAll()
	if await.Within(graceful, handlersWithin) {
		return true
	}
	cs.finishAll()
	return await.Within(graceful, flushWithin)
}

// askAll asks all calls to end, now and from now on.
func (cs *calls) askAll() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.asking = true
	for c := range cs.open {
		c.askToEnd()
	}
}

// cutAll cuts all calls, now and from now on.
func (cs *calls) cutAll() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.ending = true
	for c := range cs.open {
		c.cut()
	}
}

// finishAll finishes the calls that are left.
func (cs *calls) finishAll() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for c := range cs.open {
		c.finish()
	}
}

// haveAsked reports whether c was asked to end.
func (cs *calls) haveAsked(c *call) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return c.isAsked
}

// askToEnd asks the handler to end. The calls are locked.
func (c *call) askToEnd() {
	c.isAsked = true
	if c.ask != nil {
		c.ask()
	}
	if c.atOnce {
		c.cut()
	}
}

// askedContext returns the context that ends when the call is asked to end.
func (c *call) askedContext() context.Context {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	if c.asked == nil {
		c.asked, c.ask = context.WithCancel(context.Background())
		if c.isAsked {
			c.ask()
		}
	}
	return c.asked
}
