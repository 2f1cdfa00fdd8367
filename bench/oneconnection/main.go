// Command oneconnection measures two ways to reach many services behind a proxy: over
// one connection with a host in each call, and over one connection per service. It
// writes a benchmark for benchstat. It needs nginx, and the Traefik that
// e2e/traefik/build has built.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/bench/benchpb"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 1, "measure everything this many times, in turns")
	role := flag.String("role", "", "run as the backends, or as a client (one, each)")
	services := flag.Int("services", 1000, "how many services the backends serve, or the client calls")
	proxy := flag.String("proxy", "", "the proxy's address, for clients")
	flag.Parse()
	var err error
	switch *role {
	case "backends":
		err = backends(*services)
	case "one", "each":
		err = client(*role, *services, *proxy)
	default:
		err = compare(*rounds)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// compare measures both ways through both proxies with more and more services. Each
// measurement has its own proxy, backends and client.
func compare(rounds int) error {
	for range rounds {
		for _, p := range proxies {
			for _, services := range []int{10, 100, 1000} {
				for _, way := range []string{"each", "one"} {
					if err := measure(p, way, services); err != nil {
						return fmt.Errorf("%s, %s, %d services: %w", p.name, way, services, err)
					}
				}
			}
		}
	}
	return nil
}

func measure(with proxy, way string, services int) error {
	dir, err := os.MkdirTemp("", "hosts")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is a folder for temporary files
	ports, stop, err := start(exec.Command(os.Args[0], "-role=backends", "-services", strconv.Itoa(services)))
	if err != nil {
		return err
	}
	defer stop()
	proxy, err := with.start(dir, strings.Fields(ports))
	if err != nil {
		return err
	}
	defer proxy.stop()
	client := func(way string) (result string, stop func(), err error) {
		return start(exec.Command(os.Args[0], "-role="+way, "-services", strconv.Itoa(services), "-proxy", proxy.address))
	}
	// The first client makes the proxy connect to the backends and allocate what calls
	// need. The memory for clients' connections comes on top of that.
	_, stop, err = client("one")
	if err != nil {
		return err
	}
	stop()
	before, err := proxy.memory()
	if err != nil {
		return err
	}
	// The client prints its results, and stays until its input ends.
	result, stop, err := client(way)
	if err != nil {
		return err
	}
	defer stop()
	after, err := proxy.memory()
	if err != nil {
		return err
	}
	fmt.Printf("BenchmarkHosts/proxy=%s/services=%d/connections=%s 1 %s %d proxy-B\n", with.name, services, way, result, after-before)
	return nil
}

// client calls each service once, atATime of them concurrently. It prints how long it
// took until all had answered, and the memory of the connections.
func client(way string, services int, proxy string) error {
	connect := func(opts ...grpc.DialOption) (*grpc.ClientConn, error) {
		return grpc.NewClient("passthrough:///"+proxy, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	}
	before := memory()
	start := time.Now()
	shared, err := connect()
	if err != nil {
		return err
	}
	errs := make([]error, services)
	stubs := make([]benchpb.BenchStub, services)
	var calls sync.WaitGroup
	slots := make(chan struct{}, atATime)
	for i := range services {
		if way == "one" {
			stubs[i] = benchpb.NewBenchStub(shared).With(gohost.Host(host(i)))
		} else {
			cc, err := connect(grpc.WithAuthority(host(i)))
			if err != nil {
				return err
			}
			stubs[i] = benchpb.NewBenchStub(cc).With(gohost.Host("")) // the connection's
		}
		slots <- struct{}{}
		calls.Go(func() {
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			res, err := stubs[i].Unary(ctx, new(benchpb.Message))
			if err == nil && string(res.GetData()) != host(i) {
				err = fmt.Errorf("%s was answered by %s", host(i), res.GetData())
			}
			errs[i] = err
		})
	}
	calls.Wait()
	took := time.Since(start)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Printf("%d ns/op %d client-B\n", took.Nanoseconds(), memory()-before)
	waitForParent()
	runtime.KeepAlive(stubs)
	return nil
}

// memory returns the memory in use, on the heap and for stacks.
func memory() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

// atATime is how many calls a client makes concurrently. It is limited because only the
// memory of connections is of interest, not that of calls.
const atATime = 32

func host(i int) string { return fmt.Sprintf("service-%d.example", i) }

// backends serves services, each on its own port, and prints the ports.
func backends(services int) error {
	for i := range services {
		lis, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := grpc.NewServer()
		benchpb.RegisterBench(server, backend{host: host(i)})
		go server.Serve(lis) //nolint:errcheck // it ends with the process
		fmt.Print(lis.Addr().(*net.TCPAddr).Port, " ")
	}
	fmt.Println()
	waitForParent()
	return nil
}

// backend answers with its host.
type backend struct {
	benchpb.UnimplementedBench
	host string
}

func (b backend) Unary(context.Context, *benchpb.Message) (*benchpb.Message, error) {
	return &benchpb.Message{Data: []byte(b.host)}, nil
}
