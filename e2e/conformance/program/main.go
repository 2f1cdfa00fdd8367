// The program is what connect's conformance suite tests: a server and a client with the
// code that protoc-gen-gohost generates, over package gohostconnect. The suite starts
// it, writes requests to its standard input, and reads its standard output.
//
// The code of the suite's service is generated first, by ./generate.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		stop()
		os.Exit(1)
	}
}

// run runs the server or the client, as args say.
func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 1 {
		switch args[0] {
		case "server":
			return serve(ctx, in, out)
		case "client":
			return call(ctx, in, out)
		}
	}
	return fmt.Errorf("arguments %q: want server or client", args)
}
