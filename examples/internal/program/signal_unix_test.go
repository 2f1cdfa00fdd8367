//go:build unix

package program

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// A signal stops the server with status 0: a stream that can be asked to end ends
// without an error, and one that continues is ended after the grace period. On Windows
// a process cannot send a signal to another.
func TestSignal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		signal os.Signal
		stream string
		grace  string
		code   int
		client string
	}{
		"interrupt":           {os.Interrupt, "polite", "1m", 0, "the server has ended the stream"},
		"SIGTERM":             {syscall.SIGTERM, "polite", "1m", 0, "the server has ended the stream"},
		"a stream that stays": {syscall.SIGTERM, "stubborn", "10ms", 1, "square: rpc error: code = Unavailable"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, "serve", "-grace", test.grace)
			addr := server.await(t, listening)[1]
			client := start(t, "call", "-addr", addr, test.stream)
			client.await(t, `^range: `)
			if err := server.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			if code, rest := server.exits(t); code != 0 || !strings.HasSuffix(rest, "square: ended\n") {
				t.Errorf("the server exits with %d after\n%s", code, rest)
			} else if stayed := test.stream == "stubborn"; stayed != strings.Contains(rest, "the stream was ended") {
				t.Errorf("the server logs\n%s", rest)
			}
			if code, rest := client.exits(t); code != test.code || !strings.HasPrefix(rest, test.client) {
				t.Errorf("the client exits with %d after\n%s", code, rest)
			}
		})
	}
}
