package connscale

import "container/list"

// queue is where calls wait for a stream: first come, first served. Its methods
// belong to the subchannel's lock.
type queue struct{ list list.List }

// waiter is the place of one call.
type waiter struct {
	granted chan *conn // that gives the call a stream
	place   *list.Element
}

func (q *queue) len() int { return q.list.Len() }

func (q *queue) push() *waiter {
	w := &waiter{granted: make(chan *conn, 1)}
	w.place = q.list.PushBack(w)
	return w
}

// serve gives the call that waits first a stream of c.
func (q *queue) serve(c *conn) {
	first := q.list.Front()
	q.list.Remove(first)
	c.use()
	first.Value.(*waiter).granted <- c
}

// remove takes w out of the queue. It returns the connection that has given it a
// stream before that, or nil.
func (q *queue) remove(w *waiter) *conn {
	select {
	case c := <-w.granted:
		return c
	default:
		q.list.Remove(w.place)
		return nil
	}
}
