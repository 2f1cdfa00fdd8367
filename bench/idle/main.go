// Command idle measures the cost of open streams on which nothing happens: memory and
// goroutines, of the client and the server together. It writes a benchmark for
// benchstat. Each measurement runs in its own process, because it would otherwise reuse
// the memory of the one before.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
)

// benchmark is a set of comparisons.
type benchmark struct {
	name    string
	impls   []impl.Impl
	kinds   []kind
	streams []int
}

var (
	idle = benchmark{"Idle", []impl.Impl{impl.GRPC, impl.Gohost}, kinds, []int{10_000, 100_000}}
	// Streams that survive the end of a server, compared with those that do not.
	surviving = benchmark{"IdleSurviving", []impl.Impl{impl.Gohost, impl.Resume, impl.Drain}, []kind{kinds[0], kinds[2]}, []int{10_000}}
)

type kind struct {
	name string
	open func(ctx context.Context, c impl.Client) error
}

// kinds are the ways to open a stream on which nothing happens. If its client can wait
// in different ways, the name says how.
var kinds = []kind{
	{"server", func(ctx context.Context, c impl.Client) error { return c.Download(ctx, -1, 16, func() {}) }},
	{"client", func(ctx context.Context, c impl.Client) error { return c.Upload(ctx, 2, once(fromChannel(ctx))) }},
	{"bidi", func(ctx context.Context, c impl.Client) error {
		return c.Chat(ctx, 2, once(fromChannel(ctx)), func() {})
	}},
	{"bidi-shallow", func(ctx context.Context, c impl.Client) error {
		first := true
		return c.Chat(ctx, 2, func() *benchpb.Message {
			if !first {
				select {} // with hardly anything on the stack
			}
			first = false
			return new(benchpb.Message)
		}, func() {})
	}},
}

// once returns a function that returns a message, and after that the results of next.
func once(next func() *benchpb.Message) func() *benchpb.Message {
	first := true
	return func() *benchpb.Message {
		if !first {
			return next()
		}
		first = false
		return new(benchpb.Message)
	}
}

// fromChannel returns a function that waits for a message to send, like programs do.
func fromChannel(ctx context.Context) func() *benchpb.Message {
	requests := make(chan *benchpb.Message)
	return func() *benchpb.Message {
		select {
		case msg := <-requests:
			return msg
		case <-ctx.Done():
			return new(benchpb.Message)
		}
	}
}

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 1, "measure everything this many times, in turns")
	survive := flag.Bool("surviving", false, "measure streams through stream.Resume, and on a server of package drain")
	one := flag.String("one", "", "measure only this, kind/streams/impl, in this process")
	flag.Parse()
	b := idle
	if *survive {
		b = surviving
	}
	if *one != "" {
		if err := b.measure(strings.Split(*one, "/")); err != nil {
			log.Fatal(err)
		}
		return
	}
	for range *rounds {
		for _, kind := range b.kinds {
			for _, streams := range b.streams {
				for _, impl := range b.impls {
					one := fmt.Sprintf("%s/%d/%s", kind.name, streams, impl.Name)
					cmd := exec.Command(os.Args[0], "-one", one, fmt.Sprintf("-surviving=%t", *survive))
					cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
					if err := cmd.Run(); err != nil {
						log.Fatal(err)
					}
				}
			}
		}
	}
}

func (b benchmark) measure(what []string) error {
	name := what[2]
	streams, err := strconv.Atoi(what[1])
	if err != nil {
		return err
	}
	kind := b.kinds[slices.IndexFunc(b.kinds, func(k kind) bool { return k.name == what[0] })]
	impl := b.impls[slices.IndexFunc(b.impls, func(i impl.Impl) bool { return i.Name == name })]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, _, err := impl.Start()
	if err != nil {
		return err
	}
	if err := c.Unary(ctx, new(benchpb.Message)); err != nil { // connects
		return err
	}
	before := settled()
	failed := make(chan error)
	opening := time.Now()
	for range streams {
		go func() { failed <- kind.open(ctx, c) }()
	}
	select {
	case err := <-failed:
		return fmt.Errorf("a stream ended: %w", err)
	case <-time.After(time.Second):
	}
	after := settled()
	log.Printf("%v: %d goroutines after %v", what, after.goroutines, time.Since(opening).Round(time.Second))
	each := func(after, before int64) float64 { return float64(after-before) / float64(streams) }
	fmt.Printf("Benchmark%s/kind=%s/streams=%d/impl=%s 1 %.0f B/stream %.0f heap-B/stream %.0f stack-B/stream %.2f goroutines/stream\n", b.name, kind.name, streams, name,
		each(after.heap+after.stacks, before.heap+before.stacks), each(after.heap, before.heap), each(after.stacks, before.stacks), each(after.goroutines, before.goroutines))
	return nil
}

// usage is the memory and the goroutines of a process.
type usage struct {
	heap, stacks int64 // in bytes
	goroutines   int64
}

// settled waits until nothing happens, and returns the usage.
func settled() usage {
	var goroutines int
	for same := 0; same < 4; same++ {
		time.Sleep(500 * time.Millisecond)
		if now := runtime.NumGoroutine(); now != goroutines {
			goroutines, same = now, 0
		}
	}
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return usage{int64(stats.HeapAlloc), int64(stats.StackInuse), int64(goroutines)}
}
