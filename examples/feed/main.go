// Command feed is a feed of events with several servers. Subscribers of all servers get
// every event, whichever server it was published at. If a server ends, its subscribers
// continue at another one without a gap. NATS JetStream stores the events.
//
//	cd examples/feed
//	go run .                          server, publisher and subscriber in one process
//	go run . serve                    only the server, until Ctrl+C
//	go run . call                     subscribe and print, until Ctrl+C
//	go run . call publish TEXT...     publish an event for each TEXT
//
// Without -nats, a NATS server runs within the process. -h lists all flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process immediately
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "feed:", err)
		os.Exit(1)
	}
}

// options holds the flags.
type options struct {
	addr                    string
	nats, store             string
	feed                    feedOptions
	lameDuck, grace, maxAge time.Duration
	after                   string
	args                    []string
	log                     *log.Logger
}

// run runs the command until it is done or ctx ends.
func run(ctx context.Context, args []string, out, logs io.Writer) error {
	command := both
	if len(args) > 0 {
		switch args[0] {
		case "serve":
			command, args = serve, args[1:]
		case "call":
			command, args = call, args[1:]
		}
	}
	o, err := parse(args, logs)
	if err != nil {
		return err
	}
	return command(ctx, o, out)
}

func parse(args []string, logs io.Writer) (*options, error) {
	o := &options{log: log.New(logs, "feed: ", 0)}
	flags := flag.NewFlagSet("feed", flag.ContinueOnError)
	flags.SetOutput(logs)
	flags.Usage = func() {
		fmt.Fprintln(logs, "usage: feed [serve|call] [flags] [publish TEXT...]")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:50051", "`address` to serve at and to call")
	flags.StringVar(&o.nats, "nats", "", "comma-separated `URLs` of NATS servers with JetStream; without it, one runs within this process")
	flags.StringVar(&o.store, "store", "", "`folder` for the events of NATS within this process; without it, they are deleted at the end")
	flags.IntVar(&o.feed.replicas, "stream-replicas", 1, "the number of NATS servers that store each event")
	flags.Int64Var(&o.feed.keep, "keep", 1_000_000, "the number of events to keep")
	flags.IntVar(&o.feed.recent, "recent", 4096, "the number of the latest events that a server keeps in memory")
	flags.DurationVar(&o.feed.patience, "patience", 5*time.Second, "how long NATS may be unavailable before subscribers get an error")
	flags.DurationVar(&o.lameDuck, "lame-duck", 0, "how long the server continues to serve when it stops, while its health check says NOT_SERVING")
	flags.DurationVar(&o.grace, "grace", time.Second, "how long open calls may continue after -lame-duck")
	flags.DurationVar(&o.maxAge, "max-age", 0, "how long a subscription may last before the client is asked to reopen it; 0 means forever")
	flags.StringVar(&o.after, "after", "", "subscribe to the events after this `position`; without it, to all events")
	err := flags.Parse(args)
	o.args = flags.Args()
	o.feed.log = o.log
	if o.nats != "" || o.store != "" {
		o.feed.storage = jetstream.FileStorage
	} else {
		o.feed.storage = jetstream.MemoryStorage
	}
	return o, err
}
