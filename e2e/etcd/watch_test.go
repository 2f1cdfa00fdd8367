package etcd

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

const (
	puts     = 2000
	restarts = 3

	// Puts are at most this far ahead of a watcher, so that all watchers are still
	// watching at each restart.
	ahead = 100
)

// etcd is killed and restarted three times while two thousand keys are put. A watcher
// sees each event once, in order.
func TestWatch(t *testing.T) {
	t.Parallel()
	counted := lines(t, "watchers_test.go")
	s := start(t)
	all := watchers(t, s)
	db := newStore(t, s)
	from := db.revision(t) + 1
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var running []*watching
	for _, w := range all {
		running = append(running, watch(w.watch(ctx, from)))
	}
	putWhileKilled(t, s, db, running)
	for _, w := range running {
		proc.Wait(t, "the watchers to see all", func() bool { return w.count.Load() >= puts || w.ended() })
	}
	cancel()
	for i, w := range running { //nolint:paralleltest // they are lines of a table
		t.Run(all[i].name, func(t *testing.T) {
			w.check(t, from)
			opened := all[i].opened.Load()
			if opened < 1+restarts {
				t.Errorf("it has opened %d streams, too few for %d restarts", opened, restarts)
			}
			count := counted[all[i].function]
			if most := all[i].lines; most != 0 && count > most {
				t.Errorf("%s has %d lines, want %d", all[i].function, count, most)
			}
			t.Attr("seen", fmt.Sprintf("%d lines; %d events, %d streams, the longest gap %d ms", count, len(w.events), opened, w.gap.Milliseconds()))
		})
	}
}

// putWhileKilled puts the keys, each until it succeeds, and restarts the server
// meanwhile.
func putWhileKilled(t *testing.T, s *server, db store, running []*watching) {
	t.Helper()
	var done atomic.Int32
	failed := make(chan error, 1)
	go func() {
		for i := range puts {
			for _, w := range running {
				w.await(i - ahead)
			}
			if err := db.put(t.Context(), key(i)); err != nil {
				failed <- err
				return
			}
			done.Add(1)
		}
	}()
	for part := 1; part <= restarts+1; part++ {
		proc.Wait(t, "puts", func() bool {
			select {
			case err := <-failed:
				t.Fatal(err)
			default:
			}
			return int(done.Load()) >= puts*part/(restarts+1)
		})
		if part <= restarts {
			s.restart(t)
		}
	}
}

// watching is a sequence that is ranged over, and its results.
type watching struct {
	count atomic.Int32
	over  chan struct{}

	// These are set when the sequence has ended.
	events []*mvccpb.Event
	gap    time.Duration // the longest between two events
	err    error         // at the end
}

// watch ranges over seq until it ends.
func watch(seq iter.Seq2[*mvccpb.Event, error]) *watching {
	w := &watching{over: make(chan struct{})}
	go func() {
		defer close(w.over)
		last := time.Now()
		for event, err := range seq {
			if err != nil {
				w.err = err
				return
			}
			w.events = append(w.events, event)
			w.gap = max(w.gap, time.Since(last))
			last = time.Now()
			w.count.Add(1)
		}
	}()
	return w
}

// await returns when so many events have been seen, or the sequence has ended.
func (w *watching) await(events int) {
	for int(w.count.Load()) < events && !w.ended() {
		time.Sleep(time.Millisecond)
	}
}

func (w *watching) ended() bool {
	select {
	case <-w.over:
		return true
	default:
		return false
	}
}

// check checks that the keys were seen from a revision on, each once and in order, and
// nothing else, until the context ended.
func (w *watching) check(t *testing.T, from int64) {
	t.Helper()
	<-w.over
	if !isCanceled(w.err) {
		t.Errorf("it ended with %v, want the error of its context", w.err)
	}
	if len(w.events) != puts {
		t.Errorf("%d events, want %d", len(w.events), puts)
	}
	for i, event := range w.events {
		if got, want := string(event.GetKv().GetKey()), key(i); got != want {
			t.Fatalf("event %d is of %s, want %s", i, got, want)
		}
		if got, want := revision(event), from+int64(i); got != want {
			t.Fatalf("event %d has the revision %d, want %d", i, got, want)
		}
	}
}
