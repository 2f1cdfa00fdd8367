package main

import (
	"context"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/examples/feed/feedpb"
)

// give adds events to the tail, like the reader of JetStream.
func give(t *tail, seqs ...uint64) {
	for _, seq := range seqs {
		at := t.at(seq)
		t.add(event{at, &feedpb.Event{Position: at.String(), Data: fmt.Append(nil, seq)}})
	}
}

// numbers returns the events after seq, as the tail has them.
func numbers(t *testing.T, tail *tail, seq uint64) string {
	t.Helper()
	events, where, _, err := tail.after(tail.at(seq))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []uint64
	for _, e := range events {
		if got := string(e.msg.GetData()); got != fmt.Sprint(e.seq) {
			t.Errorf("the event %d is %s", e.seq, got)
		}
		numbers = append(numbers, e.seq)
	}
	return fmt.Sprint([]string{"", "end ", "behind ", "ahead "}[where], numbers)
}

func TestTheTail(t *testing.T) {
	t.Parallel()
	tail := newTail(3)
	if next := tail.begin(1, 0, 0); next != 1 {
		t.Errorf("it begins with %d, want 1", next)
	}
	steps := []struct {
		do   func()
		want map[uint64]string
	}{
		{func() {}, map[uint64]string{0: "end []", 1: "ahead []"}},
		{func() { give(tail, 1, 2) }, map[uint64]string{0: "[1 2]", 1: "[2]", 2: "end []", 3: "ahead []"}},
		{func() { give(tail, 2, 1) }, map[uint64]string{0: "[1 2]"}},
		{func() { give(tail, 3, 4) }, map[uint64]string{0: "behind []", 1: "[2 3 4]", 4: "end []"}},
		// 5 is missing: no subscriber can read past it here.
		{func() { give(tail, 6) }, map[uint64]string{3: "behind []", 4: "behind []", 5: "[6]", 6: "end []"}},
		{func() { give(tail, 7, 8) }, map[uint64]string{4: "behind []", 5: "[6 7 8]"}},
		// Reading begins again.
		{func() { begin(t, tail, 1, 2, 9, 9) }, map[uint64]string{0: "behind []", 5: "[6 7 8]", 8: "end []"}},
		// JetStream has dropped more than the tail has.
		{func() { begin(t, tail, 1, 20, 30, 28) }, map[uint64]string{0: "behind []", 8: "behind []", 26: "behind []", 27: "end []"}},
		{func() { tail.forget(28) }, map[uint64]string{0: "end []"}},
		// Another stream.
		{func() { begin(t, tail, 2, 1, 1, 1) }, map[uint64]string{0: "end []", 1: "ahead []"}},
	}
	for i, step := range steps {
		step.do()
		for seq, want := range step.want {
			if got := numbers(t, tail, seq); got != want {
				t.Errorf("step %d, after %d: %s, want %s", i, seq, got, want)
			}
		}
	}
	if _, _, _, err := tail.after(place{1, 1}); status.Code(err) != codes.OutOfRange {
		t.Errorf("a place of the old stream: %v, want OutOfRange", err)
	}
}

func begin(t *testing.T, tail *tail, made int64, oldest, last, want uint64) {
	t.Helper()
	if next := tail.begin(made, oldest, last); next != want {
		t.Errorf("it goes on with %d, want %d", next, want)
	}
}

// A batch is limited, so that a subscriber checks its state between two.
func TestABatchIsShort(t *testing.T) {
	t.Parallel()
	tail := newTail(1000)
	tail.begin(1, 1, 0)
	for seq := range uint64(500) {
		give(tail, seq+1)
	}
	events, _, _, err := tail.after(place{1, 100})
	if err != nil || len(events) != batch || events[0].seq != 101 {
		t.Errorf("got %d events (%v), want %d", len(events), err, batch)
	}
}

// Events that are lost between JetStream and the tail are read again.
func TestWhatTheTailMisses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	f := w.newFeed()
	w.publish(w.client(), 1, 8)
	give(f.tail, 1, 2, 3, 6, 7, 8)
	n := 0
	for event, err := range f.events(t.Context(), place{}) {
		if n++; err != nil || string(event.GetData()) != fmt.Sprint(n) {
			t.Fatalf("got (%v, %v), want %d", event, err, n)
		}
		if n == 8 {
			break
		}
	}
}

// If JetStream has not sent an event, the event does not count as deleted.
func TestWhatIsLostIsNotDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	f := w.newFeed()
	w.publish(w.client(), 1, 8)
	if err := w.jetStream().DeleteMsg(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	for _, found := range []uint64{0, 3, 5, 6} {
		if events, err := f.missing(t.Context(), f.tail.at(1), found); status.Code(err) != codes.Unavailable {
			t.Errorf("after 1 there is %d: got %v (%v), want Unavailable", found, events, err)
		}
	}
	events, err := f.missing(t.Context(), f.tail.at(3), 5)
	if err != nil || len(events) != 1 || events[0].seq != 4 || events[0].msg.GetDeleted() != 1 {
		t.Errorf("after 3 there is 5: got %v (%v), want one that was deleted", events, err)
	}
}

// A subscriber may come from a server that was faster than this one.
func TestASubscriberThatIsAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-patience", "10ms")
	w.start()
	f := w.newFeed()
	w.publish(w.client(), 1, 8)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := make(chan string, 1)
	go func() {
		events, err := f.after(ctx, f.tail.at(7))
		if err != nil {
			got <- err.Error()
			return
		}
		got <- string(events[0].msg.GetData())
	}()
	// Its patience ends a few times, and JetStream is asked.
	for range 5 {
		if err := f.checkEnd(t.Context(), f.tail.at(7)); err != nil {
			t.Error(err)
		}
	}
	give(f.tail, 1, 2, 3, 4, 5, 6, 7)
	select {
	case event := <-got:
		t.Errorf("got %s, want to wait", event)
	default:
	}
	give(f.tail, 8)
	if event := <-got; event != "8" {
		t.Errorf("got %s, want 8", event)
	}
}
