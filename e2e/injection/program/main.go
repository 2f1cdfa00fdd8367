// Program is a client and two servers on loopback, which Wire connects. The client
// calls the proxy, whose implementation is a stub, and the proxy calls the backend.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "program:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	backend, stopBackend, err := newBackend()
	if err != nil {
		return err
	}
	defer stopBackend()
	proxy, stopProxy, err := newProxy(backend.addr)
	if err != nil {
		return err
	}
	defer stopProxy()
	client, disconnect, err := newClient(proxy.addr)
	if err != nil {
		return err
	}
	defer disconnect()
	largest, err := client.largest(ctx, 50)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "the largest square up to 50 is", largest)
	return err
}
