package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
)

// positions matches the part of a position that differs in each run.
var positions = regexp.MustCompile(`(?m)^[0-9a-z]+-`)

func TestServerAndCallsInOneProcess(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out, t.Output()); err != nil {
		t.Fatal(err)
	}
	const want = "1: one\n2: two\nthe server has ended, and starts again\n3: three\n4: four\n"
	if got := positions.ReplaceAllString(out.String(), ""); got != want {
		t.Errorf("it prints\n%swant\n%s", got, want)
	}
}

// A server that is started with a folder has the events of the previous one.
func TestServeAndCall(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	var last string
	for _, texts := range [][]string{{"one", "two"}, {"three"}} {
		addr, stop := startCommand(t, "-store", store)
		var out bytes.Buffer
		if err := run(t.Context(), append([]string{"call", "-addr", addr, "publish"}, texts...), &out, t.Output()); err != nil {
			t.Fatal(err)
		}
		printed := strings.Fields(out.String())
		if len(printed) != len(texts) {
			t.Fatalf("it prints %q, want one position for each of %q", printed, texts)
		}
		last = printed[len(printed)-1]
		stop()
	}
	addr, stop := startCommand(t, "-store", store)
	defer stop()
	for after, want := range map[string]string{
		"":                                  "1: one\n2: two\n3: three\n",
		strings.TrimSuffix(last, "3") + "2": "3: three\n",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		reader, writer := io.Pipe()
		shown := make(chan error, 1)
		go func() {
			shown <- run(ctx, []string{"call", "-addr", addr, "-after", after}, writer, t.Output())
			_ = writer.Close()
		}()
		lines, got := bufio.NewScanner(reader), ""
		for lines.Scan() {
			got += positions.ReplaceAllString(lines.Text(), "") + "\n"
			if strings.Contains(got, "three") {
				cancel() // like Ctrl+C
			}
		}
		cancel()
		if err := <-shown; err != nil || got != want {
			t.Errorf("after %q it prints\n%s(%v) want\n%s", after, got, err, want)
		}
	}
}

// startCommand starts a server. It returns the address, and a function that stops the
// server.
func startCommand(t *testing.T, args ...string) (addr string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	served := make(chan error, 1)
	go func() {
		served <- run(ctx, append([]string{"serve", "-addr", "127.0.0.1:0"}, args...), io.Discard, writer)
		_ = writer.Close()
	}()
	logs := bufio.NewScanner(reader)
	for logs.Scan() && addr == "" {
		_, addr, _ = strings.Cut(logs.Text(), "listening on ")
		if addr != "" {
			break
		}
	}
	go io.Copy(io.Discard, reader) //nolint:errcheck // until the command ends
	return addr, func() {
		t.Helper()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
}

// Ctrl+C is not an error either while the server waits for its engine.
func TestAServerThatEndsBeforeItHasBegun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"serve", "-addr", "127.0.0.1:0", "-nats", "nats://127.0.0.1:1"}, io.Discard, t.Output()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoCommand(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-nonsense"},
		{"call", "nonsense"},
		{"call", "publish"},
		{"serve", "-addr", "nonsense"},
		{"serve", "-nats", "nats://:x"},
	} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}
