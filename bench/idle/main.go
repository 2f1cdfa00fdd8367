// Command idle measures what open streams cost on which nothing happens: memory
// and goroutines, of the client and the server together. It writes a benchmark
// for benchstat. Each measurement has a process of its own, since one leaves
// behind what the next would use again.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
)

var impls = map[string]impl.Impl{"grpc": impl.GRPC, "gohost": impl.Gohost}

// kinds are the ways to open a stream on which nothing happens.
var kinds = map[string]func(c impl.Client) error{
	"server": func(c impl.Client) error { return c.Download(context.Background(), -1, 16, func() {}) },
	"client": func(c impl.Client) error { return c.Upload(context.Background(), 2, oneMessage()) },
	"bidi": func(c impl.Client) error {
		return c.Chat(context.Background(), 2, oneMessage(), func() {})
	},
}

// oneMessage returns a function that returns a message, and then no more.
func oneMessage() func() *benchpb.Message {
	first := true
	return func() *benchpb.Message {
		if !first {
			select {}
		}
		first = false
		return new(benchpb.Message)
	}
}

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 1, "measure everything so many times, in turns")
	one := flag.String("one", "", "measure this one, kind/streams/impl, in this process")
	flag.Parse()
	if *one != "" {
		if err := measure(strings.Split(*one, "/")); err != nil {
			log.Fatal(err)
		}
		return
	}
	for range *rounds {
		for _, kind := range []string{"server", "client", "bidi"} {
			for _, streams := range []int{10_000, 100_000} {
				for _, name := range []string{"grpc", "gohost"} {
					cmd := exec.Command(os.Args[0], "-one", fmt.Sprintf("%s/%d/%s", kind, streams, name))
					cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
					if err := cmd.Run(); err != nil {
						log.Fatal(err)
					}
				}
			}
		}
	}
}

func measure(what []string) error {
	kind, name := what[0], what[2]
	streams, err := strconv.Atoi(what[1])
	if err != nil {
		return err
	}
	c, _, err := impls[name].Start()
	if err != nil {
		return err
	}
	if err := c.Unary(context.Background(), new(benchpb.Message)); err != nil { // connects
		return err
	}
	memory, goroutines := settled()
	failed := make(chan error)
	opening := time.Now()
	for range streams {
		go func() { failed <- kinds[kind](c) }()
	}
	select {
	case err := <-failed:
		return fmt.Errorf("a stream ended: %w", err)
	case <-time.After(time.Second):
	}
	memoryNow, goroutinesNow := settled()
	log.Printf("%v: %d goroutines after %v", what, goroutinesNow, time.Since(opening).Round(time.Second))
	fmt.Printf("BenchmarkIdle/kind=%s/streams=%d/impl=%s 1 %.0f B/stream %.2f goroutines/stream\n", kind, streams, name,
		float64(memoryNow-memory)/float64(streams), float64(goroutinesNow-goroutines)/float64(streams))
	return nil
}

// settled waits until nothing happens, and returns how much memory is in use,
// on the heap and for stacks, and how many goroutines there are.
func settled() (memory int64, goroutines int) {
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
	return int64(stats.HeapAlloc + stats.StackInuse), goroutines
}
