package rpc

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
)

// An event, until all of many subscribers have received it.
func BenchmarkPublish(b *testing.B) {
	const subscribers = 1000
	type publisher struct {
		name  string
		start func() (impl.Publisher, error)
	}
	for _, i := range inOrder([]publisher{
		{"grpc", func() (impl.Publisher, error) { return impl.HubPublisher(false) }},
		{"grpc-prepared", func() (impl.Publisher, error) { return impl.HubPublisher(true) }},
		{"gohost", func() (impl.Publisher, error) { return impl.TopicPublisher() }},
		{"gohost-codec", func() (impl.Publisher, error) { return impl.TopicPublisher(impl.OnceCodec()) }},
	}) {
		b.Run("impl="+i.name, func(b *testing.B) {
			p, err := i.start()
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			defer p.Stop()
			everybody := subscribe(ctx, p, subscribers)
			defer everybody.left.Wait()
			defer cancel()
			everybody.join(p)
			event := &benchpb.Message{Data: make([]byte, 1<<10)}
			b.ReportAllocs()
			b.ResetTimer()
			before := cpuTime(b)
			for range b.N {
				everybody.missing.Add(subscribers)
				p.Publish(event)
				everybody.missing.Wait()
			}
			b.StopTimer()
			b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// audience are the subscribers.
type audience struct {
	joined  chan struct{}  // closed when all have received something
	missing sync.WaitGroup // deliveries of the last event
	left    sync.WaitGroup // subscribers
}

// subscribe subscribes count times, until ctx ends. Events without data do not count.
func subscribe(ctx context.Context, p impl.Publisher, count int) *audience {
	a := &audience{joined: make(chan struct{})}
	var joining sync.WaitGroup
	joining.Add(count)
	for range count {
		a.left.Go(func() {
			join := sync.OnceFunc(joining.Done)
			_ = p.Subscribe(ctx, func(msg *benchpb.Message) {
				join()
				if len(msg.GetData()) > 0 {
					a.missing.Done()
				}
			})
		})
	}
	go func() {
		joining.Wait()
		close(a.joined)
	}()
	return a
}

// join publishes until all subscribers listen.
func (a *audience) join(p impl.Publisher) {
	for {
		select {
		case <-a.joined:
			return
		case <-time.After(50 * time.Millisecond):
			p.Publish(new(benchpb.Message))
		}
	}
}
