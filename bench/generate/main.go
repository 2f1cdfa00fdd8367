// Command generate measures plugins of protoc: their time and memory for requests with
// more and more services. It writes a benchmark for benchstat. The plugins take turns.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/bench/internal/usage"
	"github.com/gohostrpc/gohost/bench/request"
)

// plugins are the plugins, by their names in the results. Only gohost sets GOGC=200 for
// itself, so two of them run once more with the GOGC of the other.
var plugins = []struct{ name, pkg, gogc string }{
	{"noop", "./generate/noop", ""},
	{"gohost", "github.com/gohostrpc/gohost/cmd/protoc-gen-gohost", ""},
	{"grpc", "google.golang.org/grpc/cmd/protoc-gen-go-grpc", ""},
	{"connect", "connectrpc.com/connect/cmd/protoc-gen-connect-go", ""},
	{"noop-gogc200", "./generate/noop", "200"},
	{"gohost-gogc100", "github.com/gohostrpc/gohost/cmd/protoc-gen-gohost", "100"},
}

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 1, "measure everything this many times, in turns")
	growing := flag.Bool("growth", false, "measure instead how time grows with the content of one file")
	flag.Parse()
	measured := run
	if *growing {
		measured = growth
	}
	if err := measured(*rounds); err != nil {
		log.Fatal(err)
	}
}

func run(rounds int) error {
	bin, err := os.MkdirTemp("", "plugins")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin) //nolint:errcheck // it is a folder for temporary files
	for _, p := range plugins {
		if err := build(bin, p.name, p.pkg); err != nil {
			return err
		}
	}
	for _, count := range []int{20, 200, 2000} {
		req, err := request.Make(count, "")
		if err != nil {
			return err
		}
		stdin, err := proto.Marshal(req)
		if err != nil {
			return err
		}
		for range rounds {
			for _, p := range plugins {
				used, err := measure(filepath.Join(bin, p.name), p.gogc, stdin)
				if err != nil {
					return fmt.Errorf("%s: %w", p.name, err)
				}
				fmt.Printf("BenchmarkGenerate/services=%d/plugin=%s 1 %d ns/op %d cpu-ns/op %d peak-B\n",
					count, p.name, used.time.Nanoseconds(), used.processor.Nanoseconds(), used.memory)
			}
		}
	}
	return nil
}

// build builds the command pkg in the folder bin.
func build(bin, name, pkg string) error {
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, name), pkg).CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// usedBy is what a plugin has used.
type usedBy struct {
	time, processor time.Duration
	memory          int64 // its peak
}

// measure runs a plugin with a GOGC, or "" for the default.
func measure(plugin, gogc string, stdin []byte) (usedBy, error) {
	cmd := exec.Command(plugin)
	cmd.Env = append(os.Environ(), "GOGC="+gogc)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(stdin), os.Stderr
	// Through a pipe, like protoc and buf.
	cmd.Stdout = struct{ io.Writer }{io.Discard}
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return usedBy{}, err
	}
	took := time.Since(start)
	memory, err := usage.PeakMemory(cmd.ProcessState)
	return usedBy{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), memory}, err
}
