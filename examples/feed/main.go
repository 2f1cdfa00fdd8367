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
// A NATS server is within the process, unless -nats names others. -h lists all
// flags.
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
	flags.StringVar(&o.nats, "nats", "", "`URLs` of NATS servers with JetStream, with commas between them, instead of one within this process")
	flags.StringVar(&o.store, "store", "", "`folder` for the events, where NATS is within this process; without it they are lost at the end")
	flags.IntVar(&o.feed.replicas, "stream-replicas", 1, "on how many NATS servers each event is stored")
	flags.Int64Var(&o.feed.keep, "keep", 1_000_000, "how many events are kept")
	flags.IntVar(&o.feed.recent, "recent", 4096, "how many of the last events are in the memory of a server")
	flags.DurationVar(&o.feed.patience, "patience", 5*time.Second, "how long NATS may be away before subscribers are told")
	flags.DurationVar(&o.lameDuck, "lame-duck", 0, "how long the server goes on when it is to end, with its health saying so")
	flags.DurationVar(&o.grace, "grace", time.Second, "how long calls may go on after that")
	flags.DurationVar(&o.maxAge, "max-age", 0, "how long a subscription may be open before the client is asked to open it again; 0 is for ever")
	flags.StringVar(&o.after, "after", "", "`position` to subscribe after; without it, from the oldest event on")
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
