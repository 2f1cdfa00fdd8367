// Command greeter greets: once, once a second, and in a hub that clients enter and
// leave. Every client in the hub learns of everything that happens there.
//
//	go run ./examples/greeter                  server and client in one process
//	go run ./examples/greeter serve            only the server, until Ctrl+C
//	go run ./examples/greeter call             only the client
//	go run ./examples/greeter call hub Ada     enter the hub as Ada, until Ctrl+C
//
// With -cert, -key and -ca they use TLS, and -h lists all flags.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/examples/internal/hub"
	"github.com/gohostrpc/gohost/examples/internal/program"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// newProgram returns the program with its own flags, so that tests may run several
// programs concurrently.
func newProgram() program.Program {
	var interval, tick time.Duration
	return program.Program{
		Name: "greeter",
		Addr: "127.0.0.1:50051",
		Flags: func(flags *flag.FlagSet) {
			flags.DurationVar(&interval, "interval", time.Second, "the time between two greetings")
			flags.DurationVar(&tick, "tick", time.Second, "the time between two timer events in the hub")
		},
		Serve: func(ctx context.Context, logs *log.Logger) (program.Register, error) {
			h := hub.New(logs)
			go h.Tick(ctx, tick)
			server := hub.Server{Interval: interval, Hub: h, Log: logs}
			return func(r grpc.ServiceRegistrar) { greeter.RegisterGreeter(r, server) }, nil
		},
		Call: call,
	}
}

func main() { newProgram().Main() }
