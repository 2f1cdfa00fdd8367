// Package survive shows that subscribers with stream.Resume do not notice failures
// behind them: of three servers of examples/feed, on a cluster of NATS, behind a proxy.
// All of them are processes, which are restarted and killed while events pass through
// them.
package survive

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// sizeEnv is the number of subscribers, for machines that are too weak for CI's number.
const sizeEnv = "GOHOST_E2E_SUBSCRIBERS"

// These are not parallel: they share the processors with ten processes.

func TestTraefik(t *testing.T)     { survive(t, startTraefik, 10_000, 1) }    //nolint:paralleltest // see above
func TestNginx(t *testing.T)       { survive(t, startNginx, 2_000, 5) }       //nolint:paralleltest // see above
func TestNginxScaled(t *testing.T) { survive(t, startNarrowNginx, 2_000, 5) } //nolint:paralleltest // see above

// world is everything that runs.
type world struct {
	t       *testing.T // of the whole test: processes outlive the case that starts them
	nats    cluster
	servers []*server
	proxy   *proxy
	swarm   *swarm

	publisher *publisher
}

func survive(t *testing.T, startProxy func(*testing.T, []string) *proxy, size, rate int) {
	t.Helper()
	if text := os.Getenv(sizeEnv); text != "" {
		var err error
		if size, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", sizeEnv, err)
		}
	}
	w := &world{t: t, nats: startCluster(t, build(t, "github.com/nats-io/nats-server/v2"))}
	program := build(t, ".")
	var addrs []string
	var unused fresh
	for range 3 {
		s := &server{program: program, addr: proc.Addr(t), nats: w.nats.urls()}
		unused = s.measureFresh(t)
		s.start(t)
		w.servers = append(w.servers, s)
		addrs = append(addrs, s.addr)
	}
	w.proxy = startProxy(t, addrs)
	w.publisher = startPublisher(t, dial(t, w.proxy.addr), rate)
	before := w.holding(t)

	w.swarm = startSwarm(t, w.proxy, size)
	w.settle(t)
	open := w.holding(t)
	w.seen(t)
	disturb := []disturbance{
		{"20 rolling restarts of the servers", w.rollingRestarts},
		{"two servers are killed", w.killServers},
		{"a node of NATS is killed", w.killNode},
	}
	for _, d := range append(disturb, w.proxy.disturb...) {
		ok := t.Run(d.name, func(t *testing.T) {
			d.do(t)
			w.settle(t)
			w.swarm.checkScaled(t, len(w.swarm.subscribers))
			w.seen(t)
		})
		if !ok {
			return
		}
	}
	t.Run("nothing is left", func(t *testing.T) { w.leave(t, unused, before, open) })
}

// build builds a command of the module of examples/feed.
func build(t *testing.T, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", path, pkg)
	cmd.Dir = filepath.FromSlash("../../examples/feed")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

func (w *world) rollingRestarts(t *testing.T) {
	t.Helper()
	var longest time.Duration
	for i := range 20 {
		s := w.servers[i%len(w.servers)]
		took := s.stop(t)
		longest = max(longest, took) // negative if all streams have ended before the grace period
		if took > late {
			t.Errorf("a server ended %v after its grace period", took)
		}
		s.start(w.t)
		w.settle(t)
	}
	t.Logf("a server ended at most %v after its grace period", longest)
}

func (w *world) killServers(t *testing.T) {
	t.Helper()
	for _, s := range w.servers[:2] {
		s.Kill()
		s.start(w.t)
		w.settle(t)
	}
}

func (w *world) killNode(t *testing.T) {
	t.Helper()
	n := w.nats.leader()
	if n == nil {
		t.Fatal("no node leads the stream")
	}
	n.Kill()
	w.settle(t) // with the other two nodes
	n.start(w.t)
	proc.Wait(t, "the node to have what it has missed", w.nats.healthy)
}

// patience is how long subscribers may be without an event.
const patience = time.Minute

// settle waits until all subscribers have an event that was published after now.
func (w *world) settle(t *testing.T) {
	t.Helper()
	w.reach(t, w.publisher.kept.Load()+1)
}

// reach waits until all subscribers have an event.
func (w *world) reach(t *testing.T, number int64) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		w.swarm.check(t)
		behind := w.swarm.behind(number)
		if behind == 0 {
			return
		}
		if w.publisher.failed.Load() || time.Now().After(deadline) {
			t.Fatalf("%d subscribers do not have event %d; event %d is published\n%s", behind, number, w.publisher.kept.Load(), w.swarm.reasons.take())
		}
	}
}

// seen records what has happened since its last call.
func (w *world) seen(t *testing.T) {
	t.Helper()
	s := w.swarm
	t.Attr("seen", fmt.Sprintf("%d streams, %d events, %d reopenings, longest gap %d ms; %d publications retried, longest gap %d ms",
		len(s.subscribers), s.events.Swap(0), s.reopenings.Swap(0), s.longest.Swap(0)/1e6, w.publisher.retries.Swap(0), w.publisher.longest.Swap(0)/1e6))
	t.Logf("reopened streams:\n%s\nretried publications:\n%s", s.reasons.take(), w.publisher.reasons.take())
}
