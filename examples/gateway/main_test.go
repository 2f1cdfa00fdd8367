package main

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const answers = `unary square is answered by the backend of square.example
server-streaming rangeSquare is answered by the backend of square.example
client-streaming sumSquare is answered by the backend of square.example
bidirectional streamrangeSquare is answered by the backend of square.example
server-streaming sub is answered by the backend of feed.example
unary sayHello is answered by the backend of greeter.example
bidirectional streamrangeSquare is answered by the backend of gateway.example
`

// e2e/examples tests the installed proxies.
func TestRun(t *testing.T) {
	t.Parallel()
	var out, logs bytes.Buffer
	if err := newProgram().Run(t.Context(), nil, &out, &logs); err != nil {
		t.Fatal(err)
	}
	const want = answers + `no route: rpc error: code = Unimplemented desc = unexpected HTTP status code received from server: 404 (Not Found); malformed header: missing HTTP content-type (host nobody.example)
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if !strings.Contains(logs.String(), "clients have made 2 connections to the proxy") {
		t.Errorf("the log says\n%s", &logs)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) //nolint:errcheck // it has served
	var out bytes.Buffer
	_, want := net.Listen("tcp", taken.Addr().String())
	err = newProgram().Run(t.Context(), []string{"serve", "-addr", taken.Addr().String()}, &out, &out)
	if err == nil || want == nil || !strings.Contains(err.Error(), want.Error()) {
		t.Errorf("error %v, want one with %v", err, want)
	}
}

func TestUnknownProxy(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := newProgram().Run(t.Context(), []string{"-proxy", "squid"}, &out, &out)
	if err == nil || !strings.Contains(err.Error(), "traefik, nginx, haproxy and caddy") {
		t.Errorf("error %v", err)
	}
}
