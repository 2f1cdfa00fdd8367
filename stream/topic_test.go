package stream_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"weak"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
)

func publish(topic *stream.Topic[int], from, to int) {
	for i := from; i <= to; i++ {
		topic.Publish(i)
	}
}

func TestATopicIsForThoseWhoHaveSubscribed(t *testing.T) {
	t.Parallel()
	topic := stream.NewTopic[int](stream.TopicOptions{Queue: 10, Slow: stream.EndSlow})
	publish(topic, 1, 2)
	early := topic.Subscribe(t.Context())
	publish(topic, 3, 4)
	late := topic.Subscribe(t.Context())
	publish(topic, 5, 6)
	topic.Close()
	topic.Publish(7)
	for name, test := range map[string]struct {
		seq  ints
		want []int
	}{
		"early":       {early, []int{3, 4, 5, 6}},
		"early again": {early, []int{3, 4, 5, 6}},
		"late":        {late, []int{5, 6}},
		"too late":    {topic.Subscribe(t.Context()), nil},
	} {
		got, err := stream.Collect(test.seq)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestASlowSubscriberMissesTheOldest(t *testing.T) {
	t.Parallel()
	topic := stream.NewTopic[int](stream.TopicOptions{Queue: 3, Slow: stream.DropOldest})
	seq := topic.Subscribe(t.Context())
	publish(topic, 1, 5)
	var got []int
	for event, err := range seq {
		if err != nil {
			t.Error(err)
		}
		got = append(got, event)
		switch event {
		case 3:
			publish(topic, 6, 9) // 4, 5 and 6 are missed
		case 9:
			topic.Close()
		}
	}
	if diff := cmp.Diff([]int{3, 7, 8, 9}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestASlowSubscriberIsEnded(t *testing.T) {
	t.Parallel()
	topic := stream.NewTopic[int](stream.TopicOptions{Queue: 3, Slow: stream.EndSlow})
	slow, quick := topic.Subscribe(t.Context()), topic.Subscribe(t.Context())
	topic.Publish(1)
	for event, err := range quick {
		if err != nil {
			t.Error(err)
		}
		if event == 7 {
			break
		}
		topic.Publish(event + 1)
	}
	got, err := stream.Collect(slow)
	if status.Code(err) != codes.ResourceExhausted || len(got) != 0 {
		t.Errorf("got (%v, %v), want ResourceExhausted", got, err)
	}
}

func TestASubscriberWhoWaitsIsWoken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		topic := stream.NewTopic[int](stream.TopicOptions{Queue: 3, Slow: stream.EndSlow})
		events := make(chan int, 1)
		go func() {
			for event, err := range topic.Subscribe(t.Context()) {
				if err != nil {
					return // the test has ended
				}
				events <- event
			}
		}()
		for want := range 3 {
			synctest.Wait() // for the subscriber to wait
			topic.Publish(want)
			synctest.Wait()
			select {
			case got := <-events:
				if got != want {
					t.Errorf("event = %d, want %d", got, want)
				}
			default:
				t.Errorf("event %d has not come", want)
			}
		}
	})
}

func TestASubscriptionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		topic := stream.NewTopic[int](stream.TopicOptions{Queue: 3, Slow: stream.EndSlow})
		ctx, cancel := context.WithCancel(t.Context())
		seq := topic.Subscribe(ctx)
		ended := make(chan error)
		go func() {
			_, err := stream.Collect(seq)
			ended <- err
		}()
		synctest.Wait() // for Collect to wait for an event
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want %v", err, context.Canceled)
		}
		publish(topic, 1, 3)
		if got, err := stream.Collect(seq); !errors.Is(err, context.Canceled) || len(got) != 0 {
			t.Errorf("afterwards: (%v, %v), want %v", got, err, context.Canceled)
		}
	})
}

func TestASubscriberMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		topic := stream.NewTopic[int](stream.TopicOptions{Queue: 3, Slow: stream.EndSlow})
		seq := topic.Subscribe(t.Context())
		_ = topic.Subscribe(t.Context()) // ignored: the bubble would report a goroutine
		publish(topic, 1, 2)
		for event, err := range seq {
			if event != 1 || err != nil {
				t.Errorf("got (%v, %v), want 1", event, err)
			}
			break
		}
		publish(topic, 3, 100)
	})
}

func TestATopicServesAThousandSubscribers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const subscribers, events, publishers = 1000, 20, 4
		topic := stream.NewTopic[int](stream.TopicOptions{Queue: events * publishers, Slow: stream.EndSlow})
		var wg sync.WaitGroup
		for range subscribers {
			seq := topic.Subscribe(t.Context())
			wg.Add(1)
			go func() {
				defer wg.Done()
				got, err := stream.Collect(seq)
				if err != nil || len(got) != events*publishers {
					t.Errorf("%d events (%v), want %d", len(got), err, events*publishers)
				}
			}()
		}
		synctest.Wait() // for all of them to wait
		var publishing sync.WaitGroup
		for range publishers {
			publishing.Add(1)
			go func() {
				defer publishing.Done()
				publish(topic, 1, events)
			}()
		}
		publishing.Wait()
		topic.Close()
		wg.Wait()
	})
}

// A queue holds at least one event, and that of the zero Topic holds one.
func TestTheSmallestTopic(t *testing.T) {
	t.Parallel()
	for name, topic := range map[string]*stream.Topic[int]{
		"zero":      new(stream.Topic[int]),
		"no queue":  stream.NewTopic[int](stream.TopicOptions{Queue: 0, Slow: stream.DropOldest}),
		"less":      stream.NewTopic[int](stream.TopicOptions{Queue: -1, Slow: stream.DropOldest}),
		"one event": stream.NewTopic[int](stream.TopicOptions{Queue: 1, Slow: stream.DropOldest}),
	} {
		seq := topic.Subscribe(t.Context())
		publish(topic, 1, 3)
		topic.Close()
		topic.Close()
		if got, err := stream.Collect(seq); err != nil || len(got) != 1 || got[0] != 3 {
			t.Errorf("%s: events = %v (%v), want the last", name, got, err)
		}
	}
}

// A program may keep a topic forever.
func TestAClosedTopicKeepsNoEvents(t *testing.T) {
	t.Parallel()
	topic := stream.NewTopic[*[1 << 10]int](stream.TopicOptions{Queue: 3, Slow: stream.DropOldest})
	last := func() weak.Pointer[[1 << 10]int] {
		event := new([1 << 10]int)
		topic.Publish(event)
		return weak.Make(event)
	}()
	topic.Close()
	runtime.GC()
	if last.Value() != nil {
		t.Error("the last event is still there")
	}
	runtime.KeepAlive(topic)
}

func ExampleTopic() {
	topic := stream.NewTopic[string](stream.TopicOptions{Queue: 16, Slow: stream.DropOldest})

	// In a handler: return topic.Subscribe(ctx)
	events := topic.Subscribe(context.Background())

	topic.Publish("started")
	topic.Publish("stopped")
	topic.Close()
	for event, err := range events {
		fmt.Println(event, err)
	}
	// Output:
	// started <nil>
	// stopped <nil>
}

// A handler that sends the current state and then the changes subscribes first,
// so that it misses nothing in between.
func ExampleTopic_Subscribe() {
	topic := stream.NewTopic[string](stream.TopicOptions{Queue: 16, Slow: stream.EndSlow})
	changes := topic.Subscribe(context.Background())
	snapshot := []string{"one", "two"}
	topic.Publish("three")
	topic.Close()

	for _, event := range snapshot {
		fmt.Println(event)
	}
	for event, err := range changes {
		if err != nil {
			fmt.Println("error:", err) // ResourceExhausted: look at the snapshot again
			return
		}
		fmt.Println(event)
	}
	// Output:
	// one
	// two
	// three
}
