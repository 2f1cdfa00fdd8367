// Package hub is the service of the examples that greet. Clients enter a hub, and every
// client inside learns of everything that happens there.
package hub

import (
	"context"
	"errors"
	"iter"
	"log"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

const (
	history = 1000 // how many events are kept for clients that come back
	queue   = 100  // how many events may wait for a slow client before its visit is ended
)

// event is what all clients in the hub get, except the one that it is about.
type event struct {
	number int
	about  string
	msg    *greeter.GreetingMessage
}

// Hub sends events to the clients that are inside.
type Hub struct {
	log   *log.Logger
	topic *stream.Topic[event]

	mu     sync.Mutex
	past   []event // the latest events
	next   int     // the number of the next event
	inside map[string]bool
	wants  map[string]int // the number of the first event that a client has not received
}

// New returns an empty hub, which logs the clients that enter and leave.
func New(logs *log.Logger) *Hub {
	return &Hub{
		log:    logs,
		topic:  stream.NewTopic[event](stream.TopicOptions{Queue: queue, Slow: stream.EndSlow}),
		inside: make(map[string]bool),
		wants:  make(map[string]int),
	}
}

// Visit is one client's time in the hub: a greeting, the events since its last visit,
// if there was one, and new events until the client or the server ends it.
func (h *Hub) Visit(ctx context.Context, name string) iter.Seq2[*greeter.GreetingMessage, error] {
	return func(yield func(*greeter.GreetingMessage, error) bool) {
		missed, news, err := h.enter(ctx, name)
		if err != nil {
			yield(nil, err)
			return
		}
		// However the visit ends, the client is removed.
		defer h.leave(name)
		if !yield(first("Hello "+name), nil) {
			return
		}
		for _, events := range []iter.Seq2[event, error]{stream.Of(missed...), news} {
			for e, err := range events {
				if err != nil && ctx.Err() == nil && errors.Is(err, context.Canceled) {
					return // the server stops
				}
				if err != nil {
					yield(nil, err) // the client has gone, or is too slow
					return
				}
				if e.about != name && !yield(e.msg, nil) {
					return
				}
				h.sent(name, e)
			}
		}
	}
}

// enter lets a client in. It returns the events since its last visit, and the events from
// now on.
func (h *Hub) enter(ctx context.Context, name string) (missed []event, news iter.Seq2[event, error], err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if name == "" {
		return nil, nil, nameless("nobody enters without a name")
	}
	if h.inside[name] {
		return nil, nil, status.Errorf(codes.AlreadyExists, "%s is already inside", name)
	}
	wants, known := h.wants[name]
	if !known {
		wants = h.next
	}
	for _, e := range h.past {
		if e.number >= wants {
			missed = append(missed, e)
		}
	}
	h.inside[name], h.wants[name] = true, wants
	// This needs the lock, so that no event is missed or comes twice.
	news = h.topic.Subscribe(drain.Context(ctx))
	h.log.Printf("%s has entered, %d inside", name, len(h.inside))
	h.publish(name, first(name+" has entered"))
	return missed, news, nil
}

func (h *Hub) leave(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.inside, name)
	h.log.Printf("%s has left, %d inside", name, len(h.inside))
	h.publish(name, &greeter.GreetingMessage{Greeting: &greeter.GreetingMessage_Goodbye{
		Goodbye: &greeter.GoodbyeGreeting{Message: name + " has left"},
	}})
}

// sent records that a client has been sent an event.
func (h *Hub) sent(name string, e event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wants[name] = e.number + 1
}

// publish sends an event to every client inside. The caller holds the lock.
func (h *Hub) publish(about string, msg *greeter.GreetingMessage) {
	e := event{number: h.next, about: about, msg: msg}
	h.next++
	if len(h.past) == history {
		h.past = h.past[1:]
	}
	h.past = append(h.past, e)
	h.topic.Publish(e)
}

// Tick publishes a timer event every interval, until ctx ends.
func (h *Hub) Tick(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for count := int64(1); ; count++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		h.mu.Lock()
		h.publish("", &greeter.GreetingMessage{Greeting: &greeter.GreetingMessage_Timer{
			Timer: &greeter.TimerGreeting{Message: "time goes by", Count: count},
		}})
		h.mu.Unlock()
	}
}

func first(message string) *greeter.GreetingMessage {
	return &greeter.GreetingMessage{Greeting: &greeter.GreetingMessage_First{First: &greeter.FirstGreeting{Message: message}}}
}
