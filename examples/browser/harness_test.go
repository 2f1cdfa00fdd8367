package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// command is the running command.
type command struct {
	url  string
	end  context.CancelFunc // like Ctrl+C
	done chan error         // receives the error that it returns
}

// start starts the command. It ends with the test.
func start(t *testing.T, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := &command{end: cancel, done: make(chan error, 1)}
	reader, writer := io.Pipe()
	go func() {
		c.done <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), writer)
		_ = writer.Close()
	}()
	logs := bufio.NewScanner(reader)
	for c.url == "" && logs.Scan() {
		_, c.url, _ = strings.Cut(logs.Text(), "open ")
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(io.Discard, reader) // until the command ends
	}()
	t.Cleanup(func() {
		cancel()
		<-read
	})
	return c
}

// within returns a context that ends a test that hangs.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// client returns an HTTP client that trusts the servers of config.
func client(t *testing.T, config *tls.Config) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config, Protocols: protocols()}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// stub returns a stub that calls the command over connect's protocols.
func (c *command) stub(t *testing.T, config *tls.Config, opts ...connecthttp.Option) greeter.GreeterStub {
	t.Helper()
	return greeter.NewGreeterStub(gohostconnect.NewConn(gohostconnect.NewTransport(client(t, config), c.url, opts...)))
}

// grpcStub returns a stub that calls the command over grpc-go.
func (c *command) grpcStub(t *testing.T, config *tls.Config) greeter.GreeterStub {
	t.Helper()
	_, addr, _ := strings.Cut(c.url, "://")
	creds := insecure.NewCredentials()
	if config != nil {
		creds = credentials.NewTLS(config)
	}
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return greeter.NewGreeterStub(conn)
}

// get returns the body and the header of a response with status 200.
func get(t *testing.T, client *http.Client, url string) (string, http.Header) {
	t.Helper()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, res.Status, err)
	}
	return string(body), res.Header
}
