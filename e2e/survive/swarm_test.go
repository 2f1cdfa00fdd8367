package survive

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/examples/feed/feedpb"
	"github.com/gohostrpc/gohost/stream"
)

// perConnection is how many subscribers share a connection: half of the calls that the
// proxies allow, so that no call needs to wait for the end of another.
const perConnection = 500

// dial returns a connection to the proxy, with the options that docs/proxies.md and
// stream.Resume recommend for long-lived streams.
func dial(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, append(lasting, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing to lose
	return conn
}

// dialScaled is like dial, for a client that opens another connection when all are
// full.
func dialScaled(t *testing.T, addr string, maxConnections int) *connscale.Client {
	t.Helper()
	client, err := connscale.NewClient(addr, insecure.NewCredentials(),
		connscale.Options{MaxConnections: maxConnections, IdleTimeout: time.Second}, lasting...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() }) //nolint:errcheck // nothing to lose
	return client
}

var lasting = []grpc.DialOption{
	grpc.WithDefaultCallOptions(grpc.WaitForReady(true)),
	grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
}

// swarm is a number of subscribers that survive failures of their streams. Each checks
// all of its events.
type swarm struct {
	subscribers []*subscriber
	conns       []*grpc.ClientConn
	scaled      *connscale.Client // instead of conns, or nil
	leave       context.CancelFunc
	running     sync.WaitGroup

	events     atomic.Int64
	reopenings atomic.Int64
	longest    atomic.Int64 // nanoseconds between two events of one subscriber

	reasons reasons // why streams were reopened

	mu       sync.Mutex
	mistakes []string // things that no consumer should see
}

// subscriber is one consumer.
type subscriber struct {
	last atomic.Int64 // the number of its last event
	at   time.Time    // when it came
}

// startSwarm starts subscribers. All of them begin before the first event.
func startSwarm(t *testing.T, p *proxy, size int) *swarm {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	s := &swarm{leave: leave}
	if p.limit > 0 {
		s.scaled = dialScaled(t, p.addr, size/p.limit+1)
	}
	for i := range size {
		if i%perConnection == 0 && s.scaled == nil {
			s.conns = append(s.conns, dial(t, p.addr))
		}
		one := new(subscriber)
		s.subscribers = append(s.subscribers, one)
		var conn grpc.ClientConnInterface = s.scaled
		if s.scaled == nil {
			conn = s.conns[len(s.conns)-1]
		}
		s.running.Go(func() {
			for e, err := range subscribe(ctx, conn, s.reopened) {
				if err != nil {
					s.ended(ctx, err)
					return
				}
				s.arrived(one, e)
			}
			s.mistake("a sequence ends without an error")
		})
	}
	t.Cleanup(s.end)
	return s
}

// end ends all subscribers, and returns when their connections are closed, too.
func (s *swarm) end() {
	s.disperse()
	for _, conn := range s.conns {
		conn.Close() //nolint:errcheck // it may be closed
	}
	if s.scaled != nil {
		s.scaled.Close() //nolint:errcheck // it may be closed
	}
}

// disperse ends all subscribers, and returns when they have ended.
func (s *swarm) disperse() {
	s.leave()
	s.running.Wait()
}

// arrived records an event, which must follow the last one.
func (s *swarm) arrived(one *subscriber, e *feedpb.Event) {
	now := time.Now()
	if !one.at.IsZero() {
		raise(&s.longest, now.Sub(one.at))
	}
	one.at = now
	s.events.Add(1)
	want := one.last.Load() + 1
	if e.GetId() != strconv.FormatInt(want, 10) || string(e.GetData()) != content(want) || e.GetDeleted() != 0 {
		s.mistake("event %v, want number %d", e, want)
	}
	one.last.Store(want)
}

// raise sets the value to d if that is larger.
func raise(value *atomic.Int64, d time.Duration) {
	for {
		old := value.Load()
		if int64(d) <= old || value.CompareAndSwap(old, int64(d)) {
			return
		}
	}
}

// ended records how a sequence has ended: it must end when the swarm leaves, and not
// earlier.
func (s *swarm) ended(ctx context.Context, err error) {
	if ctx.Err() == nil || status.Code(err) != codes.Canceled {
		s.mistake("a consumer sees %v", err)
	}
}

func (s *swarm) mistake(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mistakes = append(s.mistakes, fmt.Sprintf(format, args...))
}

// reopened records why a stream is reopened.
func (s *swarm) reopened(r stream.Resumption) {
	s.reopenings.Add(1)
	s.reasons.add(r.Err)
}

// behind returns how many subscribers do not have the event with that number.
func (s *swarm) behind(number int64) int {
	n := 0
	for _, one := range s.subscribers {
		if one.last.Load() < number {
			n++
		}
	}
	return n
}

// check ends the test if a consumer has seen something that it should not see.
func (s *swarm) check(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.mistakes); n > 0 {
		t.Fatalf("%d mistakes, such as\n%s", n, strings.Join(s.mistakes[:min(n, 10)], "\n"))
	}
}
