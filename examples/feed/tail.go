package main

import (
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/examples/feed/feedpb"
)

// event is an event with its position.
type event struct {
	place
	msg *feedpb.Event // sent to all subscribers: it must not be changed
}

// tail holds the last events of the feed, without a gap. A server reads each event from
// JetStream once, into its tail, for any number of subscribers, and serves those that keep
// up from there. The tail is only a cache: a subscriber whose next event is older reads it
// from JetStream.
type tail struct {
	mu      sync.Mutex
	made    int64         // when the stream of these events was created
	oldest  uint64        // the first event in the stream, as last reported
	first   uint64        // the first event in the tail
	next    uint64        // the one after its last event
	ring    []event       // event n is at n % len(ring)
	away    error         // why there are no new events; nil while JetStream is available
	changed chan struct{} // closed at the next change
}

func newTail(length int) *tail {
	return &tail{ring: make([]event, max(length, 1)), changed: make(chan struct{})}
}

// begin is called before reading the stream that was created at made and has the events
// from oldest to last. It returns the first event to read: the one after the tail's
// last, if the stream is still the same.
func (t *tail) begin(made int64, oldest, last uint64) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	oldest = max(oldest, 1) // of a new stream it is 0
	if t.made != made || t.next < oldest {
		t.next = max(oldest, last+1-min(last, uint64(len(t.ring))))
		t.first = t.next
	}
	t.made, t.oldest = made, oldest
	t.wake()
	return t.next
}

// add adds an event. If events are missing before it, the tail begins with this event, and
// each subscriber asks JetStream about the missing ones.
func (t *tail) add(e event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case e.seq < t.next:
		return // the tail has it
	case e.seq > t.next:
		t.first = e.seq
	}
	length := uint64(len(t.ring))
	t.ring[e.seq%length] = e
	t.next = e.seq + 1
	t.first = max(t.first, t.next-min(t.next, length))
	t.wake()
}

// setAway records why there are no new events for now. nil means that JetStream is
// available.
func (t *tail) setAway(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.away = err
	t.wake()
}

// wake wakes the subscribers that wait. The caller holds the lock.
func (t *tail) wake() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// at returns the place of the event seq.
func (t *tail) at(seq uint64) place {
	t.mu.Lock()
	defer t.mu.Unlock()
	return place{t.made, seq}
}

// forget records that JetStream has no event before oldest. It returns false if that was
// already known.
func (t *tail) forget(oldest uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if oldest <= t.oldest {
		return false
	}
	t.oldest = oldest
	return true
}

// where is a subscriber's position relative to the tail.
type where int

const (
	within where = iota // there are events for it
	atEnd               // it has all of them
	behind              // its next event is older than the tail
	ahead               // it already has newer events, from a faster server
)

// after returns events after a place, or where the place is relative to the tail, and a
// channel that is closed when that may have changed.
func (t *tail) after(p place) (events []event, w where, changed <-chan struct{}, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	want := p.seq + 1
	if p.seq == 0 {
		want = t.oldest
	}
	switch {
	case t.away != nil:
		return nil, atEnd, nil, t.away
	case p.made != t.made && p.seq > 0:
		return nil, atEnd, nil, status.Errorf(codes.OutOfRange,
			"the position %v belongs to a feed that no longer exists; the oldest event of this one is at %v", p, place{t.made, t.oldest})
	case want < t.first:
		return nil, behind, nil, nil
	case want > t.next:
		return nil, ahead, t.changed, nil
	case want == t.next:
		return nil, atEnd, t.changed, nil
	}
	for n := want; n < min(t.next, want+batch); n++ {
		events = append(events, t.ring[n%uint64(len(t.ring))])
	}
	return events, within, nil, nil
}
