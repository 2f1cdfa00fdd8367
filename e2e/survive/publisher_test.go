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

// content returns the text of an event, which identifies it.
func content(number int64) string {
	return fmt.Sprintf("event %d %s", number, strings.Repeat("x", int(number%100)))
}

// publisher publishes one event after another. It retries each with the same key until
// it is told that the event is stored, so that none is stored twice.
type publisher struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	kept    atomic.Int64 // the number of the last stored event
	retries atomic.Int64
	reasons reasons      // of the retries
	longest atomic.Int64 // nanoseconds between two stored events
	failed  atomic.Bool  // an event could not be published within patience
}

// startPublisher starts a publisher of rate events per second.
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

// publish publishes an event, and returns false if that was not possible.
func (p *publisher) publish(conn *grpc.ClientConn, number int64) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		// A try does not end with the publisher: otherwise it would be unknown whether
		// the event is stored.
		err := publish(context.Background(), conn, number)
		if err == nil {
			return true
		}
		p.retries.Add(1)
		p.reasons.add(err)
	}
	return false
}

// end stops the publisher, and returns when it has stopped.
func (p *publisher) end() {
	p.stop()
	p.running.Wait()
}
