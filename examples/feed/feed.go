package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/gohostrpc/gohost/examples/feed/feedpb"
)

const (
	streamName = "FEED"
	subject    = "feed.events"

	engineTimeout = 3 * time.Second // of a request to JetStream
	startTimeout  = time.Minute     // how long a server that starts waits for JetStream
	pause         = 100 * time.Millisecond
	batch         = 64 // how many events are passed on together
)

// feedOptions say how events are kept.
type feedOptions struct {
	storage  jetstream.StorageType
	replicas int           // on how many nodes of NATS each event is stored
	keep     int64         // how many events are kept
	recent   int           // how many of them this server has in memory
	patience time.Duration // how long JetStream may be unavailable before subscribers get an error
	log      *log.Logger
}

// feed is the events in JetStream, for any number of subscribers.
type feed struct {
	feedOptions
	conn    *nats.Conn
	js      jetstream.JetStream
	tail    *tail
	readers chan struct{} // limits how many subscribers read older events concurrently

	end   context.CancelFunc
	ended sync.WaitGroup
}

// openFeed returns the feed that JetStream has at conn. If there is none, it creates
// one.
// The caller must close the feed, and then conn.
func openFeed(ctx context.Context, conn *nats.Conn, opts feedOptions) (*feed, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	f := &feed{feedOptions: opts, conn: conn, js: js, tail: newTail(opts.recent), readers: make(chan struct{}, 16)}
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	store, err := f.store(starting)
	for ; err != nil; store, err = f.store(starting) { // the cluster may be starting, too
		if !sleep(starting, pause) {
			return nil, fmt.Errorf("JetStream is not available: %w", err)
		}
	}
	f.begin(store)
	ctx, f.end = context.WithCancel(context.WithoutCancel(ctx))
	f.ended.Go(func() { f.follow(ctx) })
	return f, nil
}

func (f *feed) close() {
	f.end()
	f.ended.Wait()
}

// store returns the stream of JetStream, and its current state. It does not change an
// existing stream: its operator may have changed it.
func (f *feed) store(ctx context.Context) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	store, err := f.js.Stream(ctx, streamName)
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return store, err
	}
	store, err = f.js.CreateStream(ctx, jetstream.StreamConfig{
		Name:        streamName,
		Subjects:    []string{subject},
		Storage:     f.storage,
		Replicas:    f.replicas,
		MaxMsgs:     f.keep,
		Duplicates:  2 * time.Minute, // how long ids are remembered
		AllowDirect: true,            // any node may be asked for older events
	})
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another server was quicker
		return f.js.Stream(ctx, streamName)
	}
	return store, err
}

// begin lets the tail follow a stream, and returns the number of the next event to
// read.
func (f *feed) begin(store jetstream.Stream) uint64 {
	info := store.CachedInfo()
	return f.tail.begin(info.Created.UnixNano(), info.State.FirstSeq, info.State.LastSeq)
}

// follow reads events into the tail until ctx ends. After each failure it continues after
// the last event of the tail.
func (f *feed) follow(ctx context.Context) {
	seen := time.Now()
	for ok := true; ok; ok = sleep(ctx, pause) {
		began, err := f.read(ctx)
		if began {
			seen = time.Now()
			if ctx.Err() == nil {
				f.log.Printf("JetStream does not answer: %v", err)
			}
		}
		if time.Since(seen) >= f.patience {
			f.tail.setAway(unavailable(err))
		}
	}
}

// read reads events into the tail until that fails. It returns whether it has begun
// reading, and why it has ended.
func (f *feed) read(ctx context.Context) (began bool, err error) {
	// When the connection is lost, the consumer may be gone with its node.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f.conn.SetDisconnectErrHandler(func(*nats.Conn, error) { cancel(nats.ErrDisconnected) })

	store, err := f.store(ctx)
	if err != nil {
		return false, err
	}
	consumer, err := store.CreateConsumer(ctx, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       f.begin(store),
		AckPolicy:         jetstream.AckNonePolicy, // the tail knows where to continue
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: time.Minute, // then JetStream removes it
	})
	if err != nil {
		return false, err
	}
	msgs, err := consumer.Messages(jetstream.PullExpiry(10*time.Second), jetstream.PullHeartbeat(500*time.Millisecond))
	if err != nil {
		return false, err
	}
	defer msgs.Stop()
	f.tail.setAway(nil)
	for {
		msg, err := msgs.Next(jetstream.NextContext(ctx))
		if cause := context.Cause(ctx); cause != nil {
			return true, cause
		}
		if err != nil {
			return true, err
		}
		info, err := msg.Metadata()
		if err != nil {
			return true, err
		}
		f.tail.add(f.event(info.Sequence.Stream, msg.Headers(), msg.Data(), info.Timestamp))
	}
}

// event returns a message of JetStream as an event.
func (f *feed) event(seq uint64, header nats.Header, data []byte, stored time.Time) event {
	at := f.tail.at(seq)
	return event{at, &feedpb.Event{
		Position: at.String(),
		Id:       header.Get(jetstream.MsgIDHeader),
		Data:     data,
		Time:     timestamppb.New(stored),
	}}
}

// publish appends an event, and returns its place when JetStream has stored it.
func (f *feed) publish(ctx context.Context, id string, data []byte) (p place, duplicate bool, err error) {
	within, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	ack, err := f.js.Publish(within, subject, data, jetstream.WithMsgID(id), jetstream.WithExpectStream(streamName))
	switch {
	case errors.Is(err, nats.ErrMaxPayload):
		return place{}, false, status.Errorf(codes.InvalidArgument, "the event is larger than the %d bytes that NATS takes", f.conn.MaxPayload())
	case err != nil:
		return place{}, false, f.failed(ctx, err)
	}
	return f.tail.at(ack.Sequence), ack.Duplicate, nil
}

// events returns the events after a place, and those to come, until ctx ends.
func (f *feed) events(ctx context.Context, at place) iter.Seq2[*feedpb.Event, error] {
	return func(yield func(*feedpb.Event, error) bool) {
		for at := at; ; {
			events, err := f.after(ctx, at)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range events {
				if !yield(e.msg, nil) {
					return
				}
				at = e.place
			}
		}
	}
}

// after returns events after a place as soon as there are some.
func (f *feed) after(ctx context.Context, at place) ([]event, error) {
	var late <-chan time.Time
	for {
		events, where, changed, err := f.tail.after(at)
		switch {
		case err != nil || where == within:
			return events, err
		case where == behind:
			return f.older(ctx, at)
		case where == ahead && late == nil:
			late = time.After(f.patience)
		}
		select {
		case <-changed:
		case <-late:
			if err := f.checkEnd(ctx, at); err != nil {
				return nil, err
			}
			late = nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// failed returns the status for a request to JetStream that has failed.
func (f *feed) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return unavailable(err)
}

func unavailable(err error) error {
	return status.Errorf(codes.Unavailable, "the engine of the feed is unavailable: %v", err)
}

// sleep returns true after d, or false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
