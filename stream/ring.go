package stream

import (
	"context"
	"iter"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ring holds the last events of a [Topic], and wakes its subscribers.
type ring[T any] struct {
	slow SlowPolicy

	mu      sync.Mutex
	events  []T
	next    uint64        // the number of events so far, and of the next one
	closed  bool          // there is no next one
	changed chan struct{} // closed at the next change; nil if nothing waits
}

func newRing[T any](opts TopicOptions) *ring[T] {
	return &ring[T]{slow: opts.Slow, events: make([]T, max(opts.Queue, 1))}
}

func (r *ring[T]) publish(event T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.events[r.next%uint64(len(r.events))] = event
	r.next++
	r.wake()
}

func (r *ring[T]) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.wake()
}

// wake wakes the waiting subscribers. The ring is locked.
func (r *ring[T]) wake() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

func (r *ring[T]) subscribe(ctx context.Context) iter.Seq2[T, error] {
	r.mu.Lock()
	since := r.next
	r.mu.Unlock()
	return func(yield func(T, error) bool) {
		var none T
		for at := since; ; at++ {
			event, ok, err := r.wait(ctx, &at)
			if err != nil {
				yield(none, err)
				return
			}
			if !ok || !yield(event, nil) {
				return
			}
		}
	}
}

// wait returns the event *at as soon as it exists. If it is no longer in the queue, it
// returns the oldest event that is. It returns false at the end.
func (r *ring[T]) wait(ctx context.Context, at *uint64) (event T, ok bool, err error) {
	for {
		// If both are ready, select takes either.
		if err := ctx.Err(); err != nil {
			return event, false, err
		}
		event, ok, changed, err := r.look(at)
		if ok || err != nil || changed == nil {
			return event, ok, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// look returns the event *at, if it exists. If it may exist later, look returns a
// channel that is closed then.
func (r *ring[T]) look(at *uint64) (event T, ok bool, changed <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	queue := uint64(len(r.events))
	switch {
	case r.next-*at > queue && r.slow == EndSlow:
		return event, false, nil, status.Errorf(codes.ResourceExhausted,
			"stream: the subscriber is %d events behind, its queue holds %d", r.next-*at, queue)
	case r.next-*at > queue:
		*at = r.next - queue
		fallthrough
	case *at < r.next:
		return r.events[*at%queue], true, nil, nil
	case r.closed:
		return event, false, nil, nil
	case r.changed == nil:
		r.changed = make(chan struct{})
	}
	return event, false, r.changed, nil
}
