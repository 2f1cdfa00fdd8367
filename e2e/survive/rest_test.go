package survive

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// holding is the resources of this process and of the feed servers.
type holding struct {
	goroutines, heap int // of this process, which is the client
	resident         int // memory of the servers
}

func (h holding) String() string {
	return fmt.Sprintf("client %d goroutines and %d MB, servers %d MB", h.goroutines, h.heap>>20, h.resident>>20)
}

func (w *world) holding(t *testing.T) (h holding) {
	t.Helper()
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	h.goroutines, h.heap = runtime.NumGoroutine(), int(stats.HeapAlloc)
	for _, s := range w.servers {
		h.resident += s.Memory(t)
	}
	return h
}

// leave ends everything except the servers. It checks that no subscriber has missed an
// event, and that nothing has leaked after so many streams: neither while as many are
// open as at first, nor when none is.
func (w *world) leave(t *testing.T, fresh fresh, before, open holding) {
	t.Helper()
	w.settle(t)
	after := w.holding(t)
	// A stream has two goroutines, a connection a few.
	if after.goroutines > open.goroutines+100 {
		t.Errorf("the client has %d goroutines, %d before", after.goroutines, open.goroutines)
	}
	if after.heap > open.heap+open.heap/4+16<<20 {
		t.Errorf("the client has %d bytes, %d before", after.heap, open.heap)
	}
	// Reopening many streams leaves memory that Go has not yet returned.
	if after.resident > 2*open.resident+256<<20 {
		t.Errorf("the servers have %d bytes, %d before", after.resident, open.resident)
	}

	w.publisher.end()
	last := w.publisher.kept.Load()
	w.reach(t, last)
	w.swarm.disperse()
	w.swarm.checkScaled(t, 0)
	w.swarm.end()
	w.swarm.check(t)
	// The publisher's connection has a few goroutines that it did not have before.
	proc.Wait(t, "the client's goroutines to end", func() bool { return runtime.NumGoroutine() < before.goroutines+20 })
	t.Attr("seen", fmt.Sprintf("at first %v; after all %v; all %d events at all %d subscribers", open, after, last, len(w.swarm.subscribers)))

	w.proxy.Stop(t)
	for _, s := range w.servers {
		proc.Wait(t, "the proxy's connections to close", func() bool { return files(t, s.Pid()) <= fresh.files })
		// Connections that have just been closed have some for a moment. Streams that were left
		// would be hundreds, with two each.
		if n, stacks := goroutines(t, s.Process); n > fresh.goroutines+300 {
			t.Errorf("a server has %d goroutines, a new one %d\n%s", n, fresh.goroutines, stacks)
		}
	}
}

// fresh is the resources of a feed server before its first call.
type fresh struct{ goroutines, files int }

// measureFresh starts a server only for this measurement.
func (s *server) measureFresh(t *testing.T) (f fresh) {
	t.Helper()
	s.start(t)
	f.files = files(t, s.Pid())
	f.goroutines, _ = goroutines(t, s.Process)
	return f
}

// files returns the number of open files and sockets of a process.
func files(t *testing.T, pid int) int {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// goroutines ends a Go program with the signal that makes it print the stacks of all
// goroutines. It returns their number and the stacks.
func goroutines(t *testing.T, p *proc.Process) (int, string) {
	t.Helper()
	before := len(p.Output())
	p.Signal(t, syscall.SIGQUIT)
	<-p.Ended()
	stacks := p.Output()[before:]
	return strings.Count(stacks, "\ngoroutine "), stacks
}
