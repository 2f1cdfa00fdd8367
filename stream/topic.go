package stream

import (
	"context"
	"iter"
	"sync"
)

// SlowPolicy says what a [Topic] does with a subscriber that is too slow: one for which
// more events wait than its queue holds.
type SlowPolicy int

// The policies of a Topic.
const (
	// DropOldest drops the oldest of the events that wait for the subscriber, which is
	// not told. It is the default.
	DropOldest SlowPolicy = iota
	// EndSlow ends the subscriber's sequence with the status ResourceExhausted. The
	// events that wait for it are dropped.
	EndSlow
)

// Topic passes events to all its subscribers. Publishing never waits for a
// subscriber. Many goroutines may use a Topic concurrently.
//
// Each subscriber has a queue of the same length. All queues are views of one ring of
// the last events. So a topic takes the memory of one queue, and publishing takes one
// store and one wake-up, for any number of subscribers. The subscribers get the same
// value of an event: it must not be changed.
//
// The zero Topic is ready to use: it has a queue of one event, and [DropOldest]. A
// Topic must not be copied after its first use.
type Topic[T any] struct {
	mu   sync.Mutex
	ring *ring[T] // nil before the first use of a zero Topic
}

// TopicOptions has the options of [NewTopic].
type TopicOptions struct {
	// Queue is the number of events that may wait for a subscriber. Zero or less means
	// one.
	Queue int
	// Slow says what happens to a subscriber if more events would have to wait. The
	// default is DropOldest.
	Slow SlowPolicy
}

// NewTopic returns a Topic with these options.
//
//	topic := stream.NewTopic[*pb.Event](stream.TopicOptions{Queue: 64, Slow: stream.EndSlow})
func NewTopic[T any](opts TopicOptions) *Topic[T] {
	return &Topic[T]{ring: newRing[T](opts)}
}

// current returns the ring for publishing and subscribing.
func (t *Topic[T]) current() *ring[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ring == nil {
		t.ring = newRing[T](TopicOptions{})
	}
	return t.ring
}

// Publish adds event to the queue of each subscriber. After Close it does
// nothing.
func (t *Topic[T]) Publish(event T) { t.current().publish(event) }

// Close ends the sequences of all subscribers, without an error, after the events that
// wait for them. A later subscription is empty. A server calls Close before
// GracefulStop, which waits for its handlers. Close may be called again. The last events
// are released with the last subscription.
func (t *Topic[T]) Close() {
	t.current().close()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ring = &ring[T]{closed: true} // a later subscription is empty
}

// Subscribe returns the sequence of the events from now on, no matter when it is
// ranged. A handler may subscribe, then read the current state, and then range. It
// misses nothing in between, as long as the queue holds it. When ctx ends, the sequence
// ends with ctx.Err(). After Close it ends without an error. A loop that is left, or a
// sequence that is not used, leaks nothing. Ranging again starts at the time of
// Subscribe again.
//
// As the requests of a call it needs a context that ends with the call: see [Scope].
func (t *Topic[T]) Subscribe(ctx context.Context) iter.Seq2[T, error] {
	return t.current().subscribe(ctx)
}
