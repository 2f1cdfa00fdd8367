package stream

import (
	"context"
	"iter"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Slow is what a [Topic] does about a subscriber who does not keep up.
type Slow int

const (
	// DropOldest lets the subscriber miss the oldest of the events that wait for it.
	DropOldest Slow = iota
	// EndSlow ends the subscriber's sequence with the status ResourceExhausted.
	EndSlow
)

// Topic hands on events to all who subscribe. Publishing never waits for a
// subscriber. Many goroutines may use a Topic at once.
//
// Each subscriber has a queue of the same length. All of them are views of one
// ring of the last events, so that a topic costs one queue of memory, and
// publishing one store and one wake-up, whatever the number of subscribers.
// The subscribers get the same value of an event: it must not be changed.
type Topic[T any] struct {
	slow Slow

	mu      sync.Mutex
	ring    []T
	next    uint64        // the number of events so far, and of the next one
	closed  bool          // there is no next one
	changed chan struct{} // closed at the next change; nil while nobody waits
}

// NewTopic returns a Topic each of whose subscribers has a queue of so many
// events, at least one.
func NewTopic[T any](queue int, slow Slow) *Topic[T] {
	return &Topic[T]{slow: slow, ring: make([]T, max(queue, 1))}
}

// Publish adds event to the queue of each subscriber. After Close it does
// nothing.
func (t *Topic[T]) Publish(event T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.ring[t.next%uint64(len(t.ring))] = event
	t.next++
	t.wake()
}

// Close ends the sequences of all subscribers, after the events that wait for
// them. A server calls it before GracefulStop, which waits for its handlers.
func (t *Topic[T]) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.wake()
}

// wake wakes those who wait. The topic is locked.
func (t *Topic[T]) wake() {
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
}

// Subscribe returns the sequence of the events from now on, whenever it is
// ranged: a handler may subscribe, then look at what there is, and then range,
// and misses nothing in between, as long as the queue holds it. The sequence
// ends with the error of ctx when ctx ends, and well after Close. Leaving the
// loop, or ignoring the sequence, leaves nothing behind. Ranging again begins at
// the time of Subscribe again.
func (t *Topic[T]) Subscribe(ctx context.Context) iter.Seq2[T, error] {
	t.mu.Lock()
	since := t.next
	t.mu.Unlock()
	return func(yield func(T, error) bool) {
		var none T
		for at := since; ; at++ {
			event, ok, err := t.wait(ctx, &at)
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

// wait returns the event *at as soon as there is one, or where that is no
// longer in the queue, the oldest that is. It returns false at the end.
func (t *Topic[T]) wait(ctx context.Context, at *uint64) (event T, ok bool, err error) {
	for {
		// Of two things that are ready, select takes either.
		if err := ctx.Err(); err != nil {
			return event, false, err
		}
		event, ok, changed, err := t.look(at)
		if ok || err != nil || changed == nil {
			return event, ok, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// look returns the event *at, if there is one. Where there may be one later, it
// returns what is closed then.
func (t *Topic[T]) look(at *uint64) (event T, ok bool, changed <-chan struct{}, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := uint64(len(t.ring))
	switch {
	case t.next-*at > queue && t.slow == EndSlow:
		return event, false, nil, status.Errorf(codes.ResourceExhausted,
			"stream: the subscriber is %d events behind, its queue holds %d", t.next-*at, queue)
	case t.next-*at > queue:
		*at = t.next - queue
		fallthrough
	case *at < t.next:
		return t.ring[*at%queue], true, nil, nil
	case t.closed:
		return event, false, nil, nil
	case t.changed == nil:
		t.changed = make(chan struct{})
	}
	return event, false, t.changed, nil
}
