package migrate

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const examplesVersion = "v0.0.0-20260825154716-030ee8becb20"

// examples are programs of grpc-go that run by themselves.
var examples = []string{
	"helloworld/greeter_", "route_guide/",
	"features/authentication/", "features/authz/", "features/cancellation/", "features/compression/", "features/deadline/",
	"features/encryption/TLS/", "features/error_details/", "features/error_handling/", "features/interceptor/",
	"features/metadata/", "features/metadata_interceptor/", "features/multiplex/", "features/retry/",
}

// The programs of grpc-go's examples, migrated, talk to the originals as those
// talk to each other.
func TestExamplesOfGRPC(t *testing.T) {
	t.Parallel()
	if !*public {
		t.Skip("-public fetches and builds them")
	}
	p := &project{t: t, dir: t.TempDir()}
	before, after := filepath.Join(p.dir, "before"), filepath.Join(p.dir, "after")
	p.fetch("google.golang.org/grpc/examples", examplesVersion, before)
	p.generate(before, p.plugin())
	p.run(before, "go", "mod", "edit", "-require=github.com/gohostrpc/gohost@v0.0.0", "-replace=github.com/gohostrpc/gohost="+root(t),
		"-dropreplace=google.golang.org/grpc", "-dropreplace=google.golang.org/grpc/gcp/observability", "-dropreplace=google.golang.org/grpc/stats/opentelemetry")
	p.run(before, "go", "mod", "tidy")
	p.copy(before, after)
	p.report(before, "grpc-examples-strict", Options{}, "./...") // -merge is what is run
	m := p.report(after, "grpc-examples", Options{Merge: true, Split: true}, "./...")
	p.run(after, "go", "vet", "-p=2", "./...")
	for _, name := range examples { //nolint:paralleltest // each builds programs, which uses all processors
		t.Run(strings.TrimRight(name, "/_"), func(t *testing.T) {
			e := &example{project: &project{t: t, dir: p.dir}, name: name, bin: t.TempDir()}
			oldServer, oldClient := e.build("before", "server"), e.build("before", "client")
			newServer, newClient := oldServer, oldClient
			if m.changed(filepath.Join(after, name+"server")) {
				newServer = e.build("after", "server")
			}
			if m.changed(filepath.Join(after, name+"client")) {
				newClient = e.build("after", "client")
			}
			want := e.talk(oldServer, oldClient, nil)
			if len(want) == 0 {
				t.Error("it prints nothing")
			}
			e.talk(newServer, oldClient, want)
			e.talk(oldServer, newClient, want)
			e.talk(newServer, newClient, want)
			t.Logf("%d lines; server moved: %v, client moved: %v", len(want), newServer != oldServer, newClient != oldClient)
		})
	}
}

type example struct {
	*project
	name, bin string
}

func (e *example) build(side, part string) string {
	e.t.Helper()
	bin := filepath.Join(e.bin, side+"-"+part)
	e.run(filepath.Join(e.dir, side), "go", "build", "-p=2", "-o", bin, "./"+e.name+part)
	return bin
}

// talk starts a server, runs a client, and compares what both print with want,
// if there is any.
func (e *example) talk(server, client string, want []string) []string {
	e.t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		e.t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		e.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(e.t.Context(), time.Minute)
	defer cancel()
	var printed bytes.Buffer
	s := exec.CommandContext(ctx, server, fmt.Sprintf("-port=%d", port))
	s.Stdout, s.Stderr = &printed, &printed
	if err := s.Start(); err != nil {
		e.t.Fatal(err)
	}
	address := fmt.Sprintf("localhost:%d", port)
	for ctx.Err() == nil {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			if err := conn.Close(); err != nil {
				e.t.Fatal(err)
			}
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	out, err := exec.CommandContext(ctx, client, "-addr="+address).CombinedOutput()
	if err != nil && want == nil {
		e.t.Logf("the client ends with %v", err)
	}
	if err := s.Process.Signal(os.Interrupt); err != nil {
		e.t.Error(err)
	}
	s.Wait() //nolint:errcheck // it was interrupted
	got := append(lines(string(out)), lines(printed.String())...)
	if want != nil && !slices.Equal(got, want) {
		e.t.Errorf("%s and %s print\n%s\nwant\n%s", filepath.Base(server), filepath.Base(client), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return got
}

var (
	varying = regexp.MustCompile(`[0-9]+`)
	blank   = regexp.MustCompile(`\s+`)
	summary = regexp.MustCompile(`Route summary:.*`) // of a random route
)

// racing is printed by the server of features/cancellation if a message comes
// before the cancellation that follows it.
const racing = `echoing message "closed"`

// lines returns what was printed without what differs from run to run, sorted:
// the order of two goroutines is not said.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		line = summary.ReplaceAllString(blank.ReplaceAllString(varying.ReplaceAllString(line, "#"), " "), "Route summary")
		if line = strings.TrimSpace(line); line != "" && line != racing {
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return all
}
