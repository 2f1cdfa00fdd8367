package survive

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
)

// content is the text of an event, which tells it from all others.
func content(number int64) string {
	return fmt.Sprintf("event %d %s", number, strings.Repeat("x", int(number%100)))
}

// publisher publishes one event after the other. It tries each until it has
// been told that it is kept, with the same key, so that none is kept twice.
type publisher struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	kept    atomic.Int64 // the number of the last event that is kept
	retries atomic.Int64
	reasons reasons      // of the retries
	longest atomic.Int64 // nanoseconds between two events that are kept
	failed  atomic.Bool  // an event could not be published for as long as patience
}

// startPublisher starts a publisher of so many events in a second.
func startPublisher(t *testing.T, conn *grpc.ClientConn, rate int) *publisher {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	p := &publisher{stop: stop}
	p.running.Go(func() {
		ticker := time.NewTicker(time.Second / time.Duration(rate))
		defer ticker.Stop()
		last := time.Now()
		for number := int64(1); ; number++ {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
			if !p.publish(conn, number) {
				p.failed.Store(true)
				return
			}
			now := time.Now()
			p.kept.Store(number)
			raise(&p.longest, now.Sub(last))
			last = now
		}
	})
	t.Cleanup(p.end)
	return p
}

// publish publishes an event, and returns false if that was impossible.
func (p *publisher) publish(conn *grpc.ClientConn, number int64) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		// A try is not ended with the publisher: an event is kept, or not.
		err := publish(context.Background(), conn, number)
		if err == nil {
			return true
		}
		p.retries.Add(1)
		p.reasons.add(err)
	}
	return false
}

// end stops the publisher, and returns when it publishes no more.
func (p *publisher) end() {
	p.stop()
	p.running.Wait()
}
