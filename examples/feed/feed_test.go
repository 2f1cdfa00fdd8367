package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/examples/feed/feedpb"
	"github.com/gohostrpc/gohost/stream"
)

// expect ranges over a subscription that should yield the numbers from..to.
func expect(ctx context.Context, service feedpb.Feed, after string, from, to int) error {
	n := from
	for event, err := range subscribe(ctx, service, after) {
		if err != nil {
			return err
		}
		if got := string(event.GetData()); got != fmt.Sprint(n) {
			return fmt.Errorf("got %q, want %d", got, n)
		}
		if n++; n > to {
			return nil
		}
	}
	return errors.New("the subscription has ended without an error")
}

// Servers stop and are killed while events are published: subscribers do not notice.
func TestSubscribersOutliveServers(t *testing.T) {
	t.Parallel()
	const events, subscribers = 600, 20
	w := newWorld(t, "-recent", "50")
	running := []*replica{w.start(), w.start(), w.start()}
	var wg sync.WaitGroup
	for range subscribers {
		service := w.client() // one connection each, to any of the servers
		wg.Go(func() {
			if err := expect(t.Context(), service, "", 1, events); err != nil {
				t.Error(err)
			}
		})
	}
	service := w.client()
	for n := 1; n <= events; n += 100 {
		w.publish(service, n, n+99)
		old := running[0]
		running = append(running[1:], w.start())
		if n%200 == 1 {
			old.stop()
		} else {
			old.kill()
		}
	}
	wg.Wait()
}

// All servers stop, and the next one continues where they were.
func TestASubscriberWaitsForAServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := w.client()
	r := w.start()
	w.publish(service, 1, 3)
	next := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		n, broken := 0, 0
		for event, err := range subscribe(t.Context(), service, "", stream.OnResume(func(stream.Resumption) { broken++ })) {
			if n++; err != nil || string(event.GetData()) != fmt.Sprint(n) {
				done <- fmt.Errorf("got (%v, %v), want %d", event, err, n)
				return
			}
			if n == 3 {
				close(next)
			}
			if n == 6 {
				break
			}
		}
		if broken != 1 {
			done <- fmt.Errorf("it has broken %d times, want once: it should wait for a server", broken)
			return
		}
		done <- nil
	}()
	<-next
	r.stop()
	until(t, "the client has found no server a few times", func() bool { return w.refusals() >= 3 })
	w.start()
	w.publish(service, 4, 6)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A server that stops asks its subscribers to reconnect, and ends immediately.
func TestAServerThatEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-grace", "1m")
	service := w.client()
	r := w.start()
	w.publish(service, 1, 1)
	for _, err := range service.Sub(t.Context(), &feedpb.SubRequest{}) {
		if err == nil {
			go r.stop() // after the first event the subscriber waits
			continue
		}
		if status.Code(err) != codes.Unavailable || status.Convert(err).Message() != status.Convert(drain.ErrReopen).Message() {
			t.Errorf("error = %v, want %v", err, drain.ErrReopen)
		}
	}
	r.stop()
}

func TestASubscriptionHasAMaximumAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-max-age", "100ms")
	service := w.client()
	w.start()
	_, err := stream.Collect(service.Sub(t.Context(), &feedpb.SubRequest{}))
	if !stream.Resumable(err) || status.Convert(err).Message() != status.Convert(drain.ErrReopen).Message() {
		t.Errorf("error = %v, want %v", err, drain.ErrReopen)
	}
}

// refused returns the error of a Resume that should yield no event.
func refused(t *testing.T, service feedpb.Feed, after string) *status.Status {
	t.Helper()
	events, err := stream.Collect(subscribe(t.Context(), service, after,
		stream.OnResume(func(r stream.Resumption) { t.Errorf("the subscription is reopened after %v", r.Err) })))
	if len(events) != 0 {
		t.Errorf("it has the events %v, want none", events)
	}
	return status.Convert(err)
}

func TestAPositionThatIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-keep", "10", "-recent", "5")
	service := w.client()
	w.start()
	first := w.publish(service, 1, 1)
	last := w.publish(service, 2, 20)
	want := "the oldest event is at " + strings.TrimSuffix(last, "20") + "11"
	if s := refused(t, service, first); s.Code() != codes.OutOfRange || !strings.Contains(s.Message(), want) {
		t.Errorf("error = %v, want OutOfRange, %q", s, want)
	}
	// Without a position, the events begin with that one.
	if err := expect(t.Context(), service, "", 11, 20); err != nil {
		t.Error(err)
	}
	// The position just before the oldest event is valid, too.
	if err := expect(t.Context(), service, strings.TrimSuffix(last, "20")+"10", 11, 20); err != nil {
		t.Error(err)
	}
}

func TestAPositionBeyondTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-patience", "50ms")
	service := w.client()
	w.start()
	position := w.publish(service, 1, 1)
	if s := refused(t, service, position+"0"); s.Code() != codes.OutOfRange || !strings.HasSuffix(s.Message(), "which is at "+position) {
		t.Errorf("error = %v, want OutOfRange", s)
	}
}

// A position in a stream that has been replaced does not mean another event.
func TestAPositionOfAnotherStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := w.client()
	w.start()
	position := w.publish(service, 1, 2)
	live := make(chan error, 1)
	go func() {
		_, err := stream.Collect(service.Sub(t.Context(), &feedpb.SubRequest{After: position}))
		live <- err
	}()
	e := w.connect()
	defer e.close()
	js, err := jetstream.New(e.conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), streamName); err != nil {
		t.Fatal(err)
	}
	// A subscriber from before is told, too.
	if err := <-live; status.Code(err) != codes.OutOfRange {
		t.Errorf("error = %v, want OutOfRange", err)
	}
	w.publish(service, 11, 15)
	if s := refused(t, service, position); s.Code() != codes.OutOfRange {
		t.Errorf("error = %v, want OutOfRange", s)
	}
	if err := expect(t.Context(), service, "", 11, 15); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoPosition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := w.client()
	w.start()
	for _, position := range []string{"1", "-1", "x-", "x-y", "x--1", "x-1 ", "x-01", "X-1", "0x-1-1", "zzzzzzzzzzzzzzzzz-1"} {
		if s := refused(t, service, position); s.Code() != codes.InvalidArgument {
			t.Errorf("%q: error = %v, want InvalidArgument", position, s)
		}
	}
}

func TestPublishIsIdempotent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := w.client()
	w.start()
	first := w.publish(service, 1, 1)
	w.start()
	res, err := w.client().Publish(t.Context(), &feedpb.PublishRequest{Id: "1", Data: []byte("1")})
	if err != nil || res.GetPosition() != first || !res.GetDuplicate() {
		t.Errorf("got (%v, %v), want a duplicate at %s", res, err, first)
	}
	w.publish(service, 2, 2)
	if err := expect(t.Context(), service, "", 1, 2); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBePublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := w.client()
	w.start()
	for name, req := range map[string]*feedpb.PublishRequest{
		"no id":     {Data: []byte("1")},
		"too large": {Id: "1", Data: make([]byte, 2<<20)},
	} {
		if _, err := service.Publish(t.Context(), req); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: error = %v, want InvalidArgument", name, err)
		}
	}
}

// While the engine is unavailable, nothing is published and subscribers get an error.
// When it is back, everything continues.
func TestTheEngineIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-patience", "200ms")
	service := w.client()
	w.start()
	position := w.publish(service, 1, 5)
	ended := make(chan error, 1)
	go func() {
		_, err := stream.Collect(service.Sub(t.Context(), &feedpb.SubRequest{After: position}))
		ended <- err
	}()
	other := feedServer{w.newFeed()}
	resumed := make(chan error, 1)
	go func() { resumed <- expect(t.Context(), service, "", 1, 10) }()
	w.stopEngine()
	if err := <-ended; status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "engine") {
		t.Errorf("error = %v, want Unavailable", err)
	}
	// Without the client, which would retry.
	if _, err := other.Publish(t.Context(), &feedpb.PublishRequest{Id: "6", Data: []byte("6")}); status.Code(err) != codes.Unavailable {
		t.Errorf("error = %v, want Unavailable", err)
	}
	w.startEngine()
	w.publish(service, 6, 10)
	if err := <-resumed; err != nil {
		t.Error(err)
	}
}

// Subscribers do not notice a short absence of the engine.
func TestTheEngineIsAwayForAMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-patience", "1m")
	service := w.client()
	w.start()
	w.publish(service, 1, 5)
	taken := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		n := 0
		for event, err := range service.Sub(t.Context(), &feedpb.SubRequest{}) {
			if n++; err != nil || string(event.GetData()) != fmt.Sprint(n) {
				ended <- fmt.Errorf("got (%v, %v), want %d", event, err, n)
				return
			}
			if n == 5 {
				close(taken)
			}
			if n == 10 {
				break
			}
		}
		ended <- nil
	}()
	<-taken
	w.stopEngine()
	w.startEngine()
	w.publish(service, 6, 10)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A subscriber that falls behind the server's memory gets all events, too.
func TestASlowSubscriber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-recent", "10")
	got, err := w.slowly(400, 300)
	if err != nil || got != 700 {
		t.Errorf("it got %d events (%v), want 700", got, err)
	}
}

// A subscriber that falls behind all kept events gets an error, and no gap before it.
func TestASubscriberThatIsTooSlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-recent", "10", "-keep", "20")
	got, err := w.slowly(400, 300)
	if status.Code(err) != codes.OutOfRange || got == 0 || got > 680 {
		t.Errorf("it got %d events (%v), want some, and OutOfRange", got, err)
	}
}

// slowly runs a subscriber that reads an event, then waits until more events are
// published than a connection holds, and then reads all of these and some more. It
// returns how many it has received without a gap.
func (w *world) slowly(before, after int) (got int, err error) {
	w.t.Helper()
	service := w.client()
	w.start()
	publish := func(from, to int) {
		for n := from; n <= to; n++ {
			req := &feedpb.PublishRequest{Id: fmt.Sprint(n), Data: fmt.Appendf(nil, "%-2000d", n)}
			if _, err := service.Publish(w.t.Context(), req); err != nil {
				w.t.Errorf("publish %d: %v", n, err)
			}
		}
	}
	publish(1, 1)
	for event, err := range service.Sub(w.t.Context(), &feedpb.SubRequest{}) {
		if err != nil {
			return got, err
		}
		if got++; string(event.GetData()) != fmt.Sprintf("%-2000d", got) {
			w.t.Errorf("got %.5s, want %d", event.GetData(), got)
		}
		switch got {
		case 1:
			publish(2, before)
		case 20:
			publish(before+1, before+after)
		case before + after:
			return got, nil
		}
	}
	return got, errors.New("the subscription has ended without an error")
}

// Subscribers learn how many events an operator has deleted.
func TestDeletedEvents(t *testing.T) {
	t.Parallel()
	for name, recent := range map[string]string{"in memory": "100", "only in the engine": "2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "-recent", recent)
			service := w.client()
			old := w.start()
			last := w.publish(service, 1, 20)
			store := w.jetStream()
			for _, seq := range []uint64{5, 6, 7, 12} {
				if err := store.DeleteMsg(t.Context(), seq); err != nil {
					t.Fatal(err)
				}
			}
			old.stop() // it had read them
			w.start()
			want := "1 2 3 4 (3) 8 9 10 11 (1) 13 14 15 16 17 18 19 20"
			if got := texts(t, service, "", last); got != want {
				t.Errorf("events = %s, want %s", got, want)
			}
			within := strings.TrimSuffix(last, "20") + "6" // where there is nothing
			if got, want := texts(t, service, within, last), "(1) 8 9 10 11 (1) 13 14 15 16 17 18 19 20"; got != want {
				t.Errorf("events = %s, want %s", got, want)
			}
		})
	}
}

// texts returns the texts of the events from after to last, with the number of deleted
// ones in parentheses.
func texts(t *testing.T, service feedpb.Feed, after, last string) string {
	t.Helper()
	var texts []string
	for event, err := range service.Sub(t.Context(), &feedpb.SubRequest{After: after}) {
		if err != nil {
			t.Fatal(err)
		}
		if n := event.GetDeleted(); n > 0 {
			texts = append(texts, fmt.Sprintf("(%d)", n))
		} else {
			texts = append(texts, string(event.GetData()))
		}
		if event.GetPosition() == last {
			break
		}
	}
	return strings.Join(texts, " ")
}

// A feed that has been emptied continues after its last position.
func TestAnEmptiedFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "-recent", "2")
	service := w.client()
	w.start()
	w.publish(service, 1, 1)
	last := w.publish(service, 2, 10)
	f := w.newFeed()
	if err := w.jetStream().Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A new subscriber, for whom this server thinks that there are old events.
	if events, err := f.older(t.Context(), f.tail.at(0)); len(events) != 0 || err != nil {
		t.Errorf("older events = %v, %v, want none", events, err)
	}
	if _, where, _, err := f.tail.after(f.tail.at(0)); where == behind || err != nil {
		t.Errorf("the subscriber is behind the oldest event (%v)", err)
	}
	var wg sync.WaitGroup
	for _, after := range []string{"", last} {
		wg.Go(func() {
			for event, err := range service.Sub(t.Context(), &feedpb.SubRequest{After: after}) {
				if err != nil || string(event.GetData()) != "11" {
					t.Errorf("after %q: got (%v, %v), want 11", after, event, err)
				}
				return
			}
		})
	}
	w.publish(service, 11, 11)
	wg.Wait()
}

// A server reads each event from the engine once, however many subscribers it has.
func TestTheEngineIsReadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := w.client()
	w.start()
	w.start()
	w.publish(service, 1, 1)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if err := expect(t.Context(), service, "", 1, 2); err != nil {
				t.Error(err)
			}
		})
	}
	store := w.jetStream()
	until(t, "two servers read", func() bool {
		info, err := store.Info(t.Context())
		return err == nil && info.State.Consumers == 2
	})
	w.publish(service, 2, 2)
	wg.Wait()
	if info, err := store.Info(t.Context()); err != nil || info.State.Consumers != 2 {
		t.Errorf("there are %v, %v, want 2 consumers", info, err)
	}
}
