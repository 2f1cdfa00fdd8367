// Command browser is a hub that people enter with a page in their browsers. The same
// program serves the page and the service, on one port: over Connect and gRPC-Web for
// browsers, with JSON for curl, and over gRPC for stubs.
//
//	go run -C examples/browser .              serve at 127.0.0.1:8080, until Ctrl+C
//	go run -C examples/browser . -addr :80    serve elsewhere
//	go run -C examples/browser . -cors https://other.example
//
// With -cert and -key it serves TLS, and -h lists all flags.
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
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process immediately
	err := run(ctx, os.Args[1:], os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "browser:", err)
		os.Exit(1)
	}
}

// options holds the flags.
type options struct {
	addr      string
	cert, key string
	cors      []string
	tick      time.Duration
	grace     time.Duration
	log       *log.Logger
}

// run runs the command until ctx ends.
func run(ctx context.Context, args []string, logs io.Writer) error {
	o, err := parse(args, logs)
	if err != nil {
		return err
	}
	return serve(ctx, o)
}

func parse(args []string, logs io.Writer) (*options, error) {
	o := &options{log: log.New(logs, "browser: ", 0)}
	flags := flag.NewFlagSet("browser", flag.ContinueOnError)
	flags.SetOutput(logs)
	flags.Usage = func() {
		fmt.Fprintln(logs, "usage: browser [flags]")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to serve at")
	flags.StringVar(&o.cert, "cert", "", "`file` with the server's certificate; with it, the server uses TLS")
	flags.StringVar(&o.key, "key", "", "`file` with the certificate's private key")
	flags.Func("cors", "comma-separated `origins` whose pages may call the service, too; without it, only the page of this server may", func(s string) error {
		o.cors = append(o.cors, strings.Split(s, ",")...)
		return nil
	})
	flags.DurationVar(&o.tick, "tick", time.Second, "the time between two timer events in the hub")
	flags.DurationVar(&o.grace, "grace", 5*time.Second, "how long open calls may continue when the server stops")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("%q is not a flag", flags.Arg(0))
	}
	return o, err
}
