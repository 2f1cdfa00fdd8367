// Command hosts measures what it is to reach many services behind a proxy: by
// one connection and a host in each call, and by a connection for each service.
// It writes a benchmark for benchstat. It needs nginx.
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
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/bench/benchpb"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 1, "measure everything so many times, in turns")
	role := flag.String("role", "", "be the backends, or a client: one, each")
	services := flag.Int("services", 1000, "how many services the backends are, or the client calls")
	proxy := flag.String("proxy", "", "the proxy's address, for a client")
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

// compare measures both ways with more and more services, each with a proxy,
// backends and a client of its own.
func compare(rounds int) error {
	for range rounds {
		for _, services := range []int{10, 100, 1000} {
			for _, way := range []string{"each", "one"} {
				if err := measure(way, services); err != nil {
					return fmt.Errorf("%s, %d services: %w", way, services, err)
				}
			}
		}
	}
	return nil
}

func measure(way string, services int) error {
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
	proxy, pids, stopProxy, err := startNginx(dir, strings.Fields(ports))
	if err != nil {
		return err
	}
	defer stopProxy()
	before, err := resident(pids)
	if err != nil {
		return err
	}
	// The client says what it has measured, and stays until its input ends.
	result, stop, err := start(exec.Command(os.Args[0], "-role="+way, "-services", strconv.Itoa(services), "-proxy", proxy))
	if err != nil {
		return err
	}
	defer stop()
	after, err := resident(pids)
	if err != nil {
		return err
	}
	fmt.Printf("BenchmarkHosts/services=%d/connections=%s 1 %s %d proxy-B\n", services, way, result, after-before)
	return nil
}

// client calls each service once, so many at a time, and says how long it took
// until all had answered, and how much memory the connections need.
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
			stubs[i] = benchpb.NewBenchStub(shared, grpc.CallAuthority(host(i)))
		} else {
			cc, err := connect(grpc.WithAuthority(host(i)))
			if err != nil {
				return err
			}
			stubs[i] = benchpb.NewBenchStub(cc, grpc.CallAuthority("")) // the connection's
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

// memory returns how much memory is in use, on the heap and for stacks.
func memory() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

// atATime is how many calls a client makes at a time. What calls need in the
// proxy is not what connections need.
const atATime = 32

func host(i int) string { return fmt.Sprintf("service-%d.example", i) }

// backends serves services, each on a port of its own, and says their ports.
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

// startNginx starts nginx in dir with a virtual host for each backend.
func startNginx(dir string, ports []string) (address string, pids []int, stop func(), err error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, err
	}
	address = lis.Addr().String()
	if err := lis.Close(); err != nil {
		return "", nil, nil, err
	}
	var servers strings.Builder
	for i, port := range ports {
		fmt.Fprintf(&servers, "server { listen %s http2; server_name %s; location / { grpc_pass grpc://127.0.0.1:%s; } }\n", address, host(i), port)
	}
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, []byte(`
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
	access_log off;
	server_names_hash_max_size 8192;
	server_names_hash_bucket_size 128;
	keepalive_timeout 1h;
	keepalive_requests 1000000;
	http2_max_concurrent_streams 1024;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
`+servers.String()+"}\n"), 0o644); err != nil {
		return "", nil, nil, err
	}
	cmd := exec.Command("nginx", "-p", dir, "-e", "stderr", "-c", config)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return "", nil, nil, fmt.Errorf("%w (on Debian: apt-get install nginx-light)", err)
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	for range 1000 {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			// The worker comes a little later than the address.
			if pids, err := family(cmd.Process.Pid); err != nil || len(pids) > 1 {
				return address, pids, stop, err
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return "", nil, nil, errors.New("nginx does not listen")
}
