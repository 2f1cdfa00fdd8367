package stream

import (
	"context"
	"iter"
	"sync"
)

// SlowPolicy is what a [Topic] does about a subscriber that does not keep up.
type SlowPolicy int

const (
	// DropOldest lets the subscriber miss the oldest of the events that wait for it.
	DropOldest SlowPolicy = iota
	// EndSlow ends the subscriber's sequence with the status ResourceExhausted.
	EndSlow
)

// Topic hands on events to all who subscribe. Publishing never waits for a
// subscriber. Many goroutines may use a Topic concurrently.
//
// Each subscriber has a queue of the same length. All of them are views of one
// ring of the last events, so that a topic costs one queue of memory, and
// publishing one store and one wake-up, whatever the number of subscribers.
// The subscribers get the same value of an event: it must not be changed.
//
// The zero Topic is ready: it has a queue of one event, and [DropOldest]. A
// Topic must not be copied after its first use.
type Topic[T any] struct {
	mu   sync.Mutex
	ring *ring[T] // nil before the first use of a zero Topic
}

// TopicOptions are the options of [NewTopic].
type TopicOptions struct {
	// Queue is how many events may wait for a subscriber. It is at least one.
	Queue int
	// Slow is what happens to a subscriber when more would have to wait.
	Slow SlowPolicy
}

// NewTopic returns a Topic with these options.
//
//	topic := stream.NewTopic[*pb.Event](stream.TopicOptions{Queue: 64, Slow: stream.EndSlow})
func NewTopic[T any](opts TopicOptions) *Topic[T] {
	return &Topic[T]{ring: newRing[T](opts)}
}

// current returns the ring that events are published to and subscribed from.
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

// Close ends the sequences of all subscribers, after the events that wait for
// them. A server calls it before GracefulStop, which waits for its handlers.
// The last events are released with the last subscription.
func (t *Topic[T]) Close() {
	t.current().close()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ring = &ring[T]{closed: true} // a later subscription is empty
}

// Subscribe returns the sequence of the events from now on, whenever it is
// ranged: a handler may subscribe, then look at what there is, and then range,
// and misses nothing in between, as long as the queue holds it. The sequence
// ends with the error of ctx when ctx ends, and well after Close. Leaving the
// loop, or ignoring the sequence, leaves nothing behind. Ranging again begins at
// the time of Subscribe again.
//
// As the requests of a call it needs a context that ends with the call: see [Scope].
func (t *Topic[T]) Subscribe(ctx context.Context) iter.Seq2[T, error] {
	return t.current().subscribe(ctx)
}
