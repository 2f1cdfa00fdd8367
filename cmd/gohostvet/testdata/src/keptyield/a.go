package keptyield

import (
	"context"
	"iter"
	"sync"

	"squares"
)

type message = squares.Message

type handler struct {
	events chan *message
	wg     sync.WaitGroup
}

func (h *handler) RangeSquare(ctx context.Context, req *message) iter.Seq2[*message, error] {
	return func(yield func(*message, error) bool) {
		go func() { // want `the goroutine uses yield, but the sequence does not wait for it: yield must not be used after the sequence has returned`
			for event := range h.events {
				if !yield(event, nil) {
					return
				}
			}
		}()
	}
}

func passedOn(seq iter.Seq2[int, error]) iter.Seq2[int, error] {
	return func(send func(int, error) bool) {
		go seq(send)              // want `the goroutine uses send`
		go func() { seq(send) }() // want `the goroutine uses send`
	}
}

// A declared function may be a sequence too.
func (h *handler) all(yield func(int, error) bool) {
	<-h.events // before the goroutine
	var wg sync.WaitGroup
	worker := func() { yield(1, nil) }
	wg.Go(worker)  // want `the goroutine uses yield`
	wg.Go(func() { // want `the goroutine uses yield`
		yield(2, nil)
	})
	wg.Add(1)
	go worker() // want `the goroutine uses yield`
	done := make(chan bool)
	go func() { <-done }() // another one waits
	waitsLater := func() { <-done }
	defer func() { _ = waitsLater }()
	close(done)
}

func waits(h *handler, g *group, all iter.Seq2[int, error]) []iter.Seq2[int, error] {
	type seq = func(yield func(int, error) bool)
	return []iter.Seq2[int, error]{
		seq(func(yield func(int, error) bool) {
			var wg sync.WaitGroup
			wg.Go(func() { yield(1, nil) })
			wg.Wait()
		}),
		seq(func(yield func(int, error) bool) {
			var wg sync.WaitGroup
			defer wg.Wait()
			go func() { yield(1, nil) }()
		}),
		seq(func(yield func(int, error) bool) {
			defer func() {
				close(h.events)
				h.wg.Wait()
			}()
			h.wg.Go(func() { all(yield) })
		}),
		seq(func(yield func(int, error) bool) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				yield(1, nil)
			}()
			<-done
		}),
		seq(func(yield func(int, error) bool) {
			results := make(chan int)
			go func() {
				defer close(results)
				yield(1, nil)
			}()
			for range results {
			}
		}),
		seq(func(yield func(int, error) bool) {
			done := make(chan struct{})
			defer func() {
				for range done {
				}
			}()
			go all(yield)
		}),
		seq(func(yield func(int, error) bool) {
			done, other := make(chan struct{}), make(chan struct{})
			go all(yield)
			select {
			case <-done:
			case <-other:
			}
		}),
		seq(func(yield func(int, error) bool) {
			done := make(chan struct{})
			for range 3 {
				select {
				case <-done: // of the goroutine before
				default:
				}
				go all(yield)
			}
		}),
		seq(func(yield func(int, error) bool) {
			g.Go(func() error { yield(1, nil); return nil })
			if err := g.Wait(); err != nil {
				yield(0, err)
			}
		}),
		seq(func(yield func(int, error) bool) {
			var p pool
			p.Go(func() { yield(1, nil) })
			p.StopAndJoin()
		}),
		seq(func(yield func(int, error) bool) {
			done := make(chan struct{})
			go all(yield)
			waitFor(done)
		}),
		seq(func(yield func(int, error) bool) {
			go all(yield)
			waitForAll(&h.wg)
		}),
		seq(func(yield func(int, error) bool) {
			done := make(chan struct{})
			go all(yield)
			func() { <-done }()
		}),
	}
}

// A sequence may ignore a goroutine that does not yield.
func producer(events chan<- int, stop func()) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		defer stop()
		go func() { events <- 1 }()
		go func() {
			inner := iter.Seq2[int, error](func(yield func(int, error) bool) { yield(1, nil) })
			_ = inner
		}()
		yield(1, nil)
	}
}

// The caller of a helper waits.
func help(yield func(int, error) bool, wg *sync.WaitGroup) {
	wg.Go(func() { yield(1, nil) })
}

func waitFor(done <-chan struct{})  {}
func waitForAll(wg *sync.WaitGroup) {}

type group struct{}

func (*group) Go(func() error) {}
func (*group) Wait() error     { return nil }

type pool struct{}

func (*pool) Go(func())    {}
func (*pool) StopAndJoin() {}
