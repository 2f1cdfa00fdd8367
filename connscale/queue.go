package connscale

import "container/list"

// queue is where calls wait for a stream: first come, first served. The subchannel's lock
// protects it.
type queue struct{ list list.List }

// waiter is one call's place in the queue.
type waiter struct {
	granted chan *conn // receives the connection that gives the call a stream
	place   *list.Element
}

func (q *queue) len() int { return q.list.Len() }

func (q *queue) push() *waiter {
	w := &waiter{granted: make(chan *conn, 1)}
	w.place = q.list.PushBack(w)
	return w
}

// serve gives a stream of c to the call that waits first.
func (q *queue) serve(c *conn) {
	first := q.list.Front()
	q.list.Remove(first)
	c.use()
	first.Value.(*waiter).granted <- c
}

// remove takes w out of the queue. It returns the connection that has already given w a
// stream, or nil.
func (q *queue) remove(w *waiter) *conn {
	select {
	case c := <-w.granted:
		return c
	default:
		q.list.Remove(w.place)
		return nil
	}
}
