// Command profile measures where the processor time goes while messages of 16 B are
// streamed. It runs the benchmarks of package rpc with a profile, and writes the shares
// as a benchmark for benchstat.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/pprof/profile"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 1, "measure everything this many times, in turns")
	flag.Parse()
	if err := run(*rounds); err != nil {
		log.Fatal(err)
	}
}

func run(rounds int) error {
	dir, err := os.MkdirTemp("", "profile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is a folder for temporary files
	test, file := filepath.Join(dir, "rpc.test"), filepath.Join(dir, "cpu.prof")
	if out, err := exec.Command("go", "test", "-c", "-o", test, "./rpc").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	for range rounds {
		for _, work := range []string{"ServerStreaming", "ClientStreaming", "Bidirectional"} {
			for _, impl := range []string{"grpc", "gohost", "reuse"} {
				cmd := exec.Command(test, "-test.run=^$", "-test.bench=^Benchmark"+work+"$/^size=16B$/^impl="+impl+"$", "-test.benchtime=3s", "-test.cpuprofile="+file)
				if out, err := cmd.CombinedOutput(); err != nil {
					return fmt.Errorf("%w\n%s", err, out)
				}
				shares, err := read(file)
				if err != nil {
					return err
				}
				fmt.Printf("BenchmarkShare/work=%s/impl=%s 1", work, impl)
				for _, o := range owners {
					fmt.Printf(" %.2f %s-%%", shares[o], o)
				}
				fmt.Println()
			}
		}
	}
	return nil
}

// The owners of time. The loop is the code of the stub's user.
const (
	stub      = "stub"
	loop      = "loop"
	codec     = "codec"
	transport = "grpc"
	memory    = "memory" // allocation and garbage collection, for all layers
	system    = "system" // calls
	scheduler = "scheduler"
)

var owners = []string{stub, loop, codec, transport, memory, system, scheduler}

// read returns the share of each owner in the time of a profile, in percent.
func read(file string) (map[string]float64, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	p, err := profile.Parse(f)
	if err != nil {
		return nil, err
	}
	shares, total := make(map[string]float64), 0.0
	for _, s := range p.Sample {
		var stack []string // the innermost function first
		for _, l := range s.Location {
			for _, line := range l.Line {
				stack = append(stack, line.Function.Name)
			}
		}
		shares[owner(stack)] += float64(s.Value[0])
		total += float64(s.Value[0])
	}
	for o := range shares {
		shares[o] *= 100 / total
	}
	return shares, nil
}

// owner returns the owner of a sample. Allocations and system calls have their own. For
// all others, the first known function on the stack decides.
func owner(stack []string) string {
	const (
		gohost = "github.com/gohostrpc/gohost/"
		grpc   = "google.golang.org/grpc"
	)
	for _, first := range []map[string]string{
		{"runtime.mallocgc": memory, "runtime.gc": memory, "gcWriteBarrier": memory, "runtime.wbBuf": memory, "runtime.bgsweep": memory},
		{"internal/runtime/syscall": system, "syscall.": system},
	} {
		for _, name := range stack {
			for prefix, o := range first {
				if strings.HasPrefix(name, prefix) {
					return o
				}
			}
		}
	}
	for _, name := range stack {
		switch {
		case strings.HasPrefix(name, gohost+"stub."), strings.HasPrefix(name, gohost+"stream."), strings.HasPrefix(name, gohost+"bench/benchpb.BenchStub"):
			return stub
		// The getters and setters of a message.
		case strings.HasPrefix(name, gohost+"bench/benchpb."), strings.HasPrefix(name, "google.golang.org/protobuf/"),
			strings.HasPrefix(name, grpc+"/encoding"), strings.HasPrefix(name, grpc+"/mem"):
			return codec
		case strings.HasPrefix(name, gohost+"bench/"):
			return loop
		// Send and Recv of the generated code are instances of generic ones of grpc.
		case strings.HasPrefix(name, grpc+".(*Generic"):
			return stub
		case strings.HasPrefix(name, grpc), strings.HasPrefix(name, "golang.org/x/net/http2"):
			return transport
		}
	}
	return scheduler
}
