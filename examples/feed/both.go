package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"

	"github.com/gohostrpc/gohost/examples/feed/feedpb"
)

// both is the command that shows everything in one process: events, a subscriber, and a
// server that is restarted.
func both(ctx context.Context, o *options, out io.Writer) error {
	engine, err := newEngine(o.nats, o.store)
	if err != nil {
		return err
	}
	defer engine.close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := listener.Addr().String()
	conn, service, err := dial(addr)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // all calls have ended

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next, leave := iter.Pull2(subscribe(ctx, service, o.after))
	defer leave()
	listen := func() (net.Listener, error) { return listener, nil } //nolint:unparam // the second one may fail
	for i, texts := range [][]string{{"one", "two"}, {"three", "four"}} {
		if i > 0 {
			fmt.Fprintln(out, "the server has ended, and starts again")
			listen = func() (net.Listener, error) { return net.Listen("tcp", addr) }
		}
		serving, end := context.WithCancel(ctx)
		served := make(chan error, 1)
		go func() {
			defer end() // of the calls too
			served <- serveFeed(serving, o, engine, listen)
		}()
		err := exchange(serving, service, texts, next, out)
		end()
		if err := errors.Join(err, <-served); err != nil {
			return err
		}
	}
	return nil
}

// exchange publishes events, and prints what it receives.
func exchange(ctx context.Context, service feedpb.Feed, texts []string, next func() (*feedpb.Event, error, bool), out io.Writer) error {
	for _, text := range texts {
		if _, err := publish(ctx, service, text); err != nil {
			return err
		}
		event, err, _ := next()
		if err != nil {
			return err
		}
		print(out, event)
	}
	return nil
}
