package program

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// The tests start this binary as the command of an example.
func TestMain(m *testing.M) {
	if os.Getenv("PROGRAM_TEST_COMMAND") != "" {
		squareProgram.Main()
		return
	}
	os.Exit(m.Run())
}

// squareProgram has calls that end, and one that does not.
var squareProgram = Program{
	Name: "square",
	Addr: "127.0.0.1:0",
	Serve: func(_ context.Context, logs *log.Logger) (Register, error) {
		return func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, squareServer{log: logs}) }, nil
	},
	Call: func(ctx context.Context, client Client) error {
		service := squares.NewSquareServiceStub(client.Conn).With(client.Options...)
		if len(client.Args) == 0 {
			res, err := service.Square(ctx, &squares.Message{Message: 3})
			if err == nil {
				fmt.Fprintln(client.Out, "square:", res.GetMessage())
			}
			return err
		}
		n := map[string]float64{"polite": 1, "stubborn": 2}[client.Args[0]]
		for res, err := range service.RangeSquare(ctx, &squares.Message{Message: n}) {
			if err != nil {
				return err
			}
			fmt.Fprintln(client.Out, "range:", res.GetMessage())
		}
		fmt.Fprintln(client.Out, "the server has ended the stream")
		return nil
	},
}

type squareServer struct {
	squares.UnimplementedSquareService
	log *log.Logger
}

func (squareServer) Square(_ context.Context, req *squares.Message) (*squares.Message, error) {
	return &squares.Message{Message: req.GetMessage() * req.GetMessage()}, nil
}

// RangeSquare yields one message and then waits. A stream of 1 ends when the server
// asks, and a stream of 2 only when it is forced to.
func (s squareServer) RangeSquare(ctx context.Context, req *squares.Message) iter.Seq2[*squares.Message, error] {
	return func(yield func(*squares.Message, error) bool) {
		if !yield(req, nil) {
			return
		}
		asked := drain.Done(ctx)
		if req.GetMessage() != 1 {
			asked = nil
		}
		select {
		case <-asked:
		case <-ctx.Done():
			s.log.Print("the stream was ended")
		}
	}
}

// process is the running command.
type process struct {
	*exec.Cmd
	out  *bufio.Reader // standard output and standard error
	read strings.Builder
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), exe, args...), out: bufio.NewReader(r)}
	p.Env = append(os.Environ(), "PROGRAM_TEST_COMMAND=1", "GORACE=atexit_sleep_ms=0")
	p.Stdout, p.Stderr = w, w
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close() //nolint:errcheck // the process has its own
	t.Cleanup(func() {
		// The end of the context would kill it too, but perhaps after the tests have ended.
		p.Process.Kill() //nolint:errcheck // it may have ended
		p.Wait()         //nolint:errcheck // its exit status does not matter any more
		r.Close()        //nolint:errcheck // only read
	})
	return p
}

// await reads until a line matches, and returns its submatches.
func (p *process) await(t *testing.T, pattern string) []string {
	t.Helper()
	for {
		line, err := p.out.ReadString('\n')
		p.read.WriteString(line)
		if match := regexp.MustCompile(pattern).FindStringSubmatch(line); match != nil {
			return match
		}
		if err != nil {
			t.Fatalf("no line matches %q in\n%s", pattern, p.read.String())
		}
	}
}

// exits reads the rest of the output, and returns it with the exit status.
func (p *process) exits(t *testing.T) (code int, rest string) {
	t.Helper()
	text, err := io.ReadAll(p.out)
	if err != nil {
		t.Fatal(err)
	}
	p.Wait() //nolint:errcheck // the exit status says it
	return p.ProcessState.ExitCode(), string(text)
}

const listening = `listening on (\S+) `

func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeCertificate(t, dir, "square", "square.example")
	writeCertificate(t, dir, "unknown", "square.example")
	file := func(name string) string { return filepath.Join(dir, name) }
	closed := closedPort(t)
	server := start(t, "serve", "-cert", file("square.cert"), "-key", file("square.key"))
	addr := server.await(t, listening+`\(tls\)`)[1]

	tests := map[string]struct {
		args []string
		want string
	}{
		"right":             {[]string{"-ca", file("square.cert")}, `^square: 9\n$`},
		"wrong certificate": {[]string{"-ca", file("unknown.cert")}, `failed to verify certificate`},
		"wrong host":        {[]string{"-ca", file("square.cert"), "-host", "other.example"}, `certificate is valid for square\.example, not other\.example`},
		"no TLS":            {nil, `code = Unavailable`},
		"not a certificate": {[]string{"-ca", file("square.key")}, `square.key has no certificate`},
		"no such file":      {[]string{"-ca", file("none")}, `none: ` + systemText(os.Stat(file("none")))},
		"not a flag":        {[]string{"-tls"}, `flag provided but not defined: -tls`},
		"nothing listens":   {[]string{"-addr", closed}, `code = Unavailable .*` + systemText(net.Dial("tcp", closed))},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out := start(t, append([]string{"call", "-addr", addr}, test.args...)...).exits(t)
			wantCode := 1
			if name == "right" {
				wantCode = 0
			}
			checkExit(t, code, wantCode, out, test.want)
		})
	}
}

// A server refuses calls for other hosts.
func TestWrongHost(t *testing.T) {
	t.Parallel()
	server := start(t, "serve")
	addr := server.await(t, listening+`\(insecure\)`)[1]
	for host, want := range map[string]string{"other.example": `code = Unimplemented .*other\.example`, "a/b": `code = InvalidArgument .*a/b`} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			code, out := start(t, "call", "-addr", addr, "-host", host).exits(t)
			checkExit(t, code, 1, out, want)
		})
	}
}

// A server that cannot start prints one line and exits with status 1.
func TestServeFails(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) //nolint:errcheck // it has served
	dir := t.TempDir()
	writeCertificate(t, dir, "one", "square.example")
	writeCertificate(t, dir, "two", "square.example")
	tests := map[string]struct {
		args []string
		want string
	}{
		"port in use":                {[]string{"-addr", taken.Addr().String()}, `listen tcp .*: ` + systemText(net.Listen("tcp", taken.Addr().String()))},
		"no such file":               {[]string{"-cert", "none", "-key", "none"}, `certificate of the server: open none: ` + systemText(os.Stat("none"))},
		"key of another certificate": {[]string{"-cert", filepath.Join(dir, "one.cert"), "-key", filepath.Join(dir, "two.key")}, `private key does not match public key`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out := start(t, append([]string{"serve"}, test.args...)...).exits(t)
			checkExit(t, code, 1, out, test.want)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	code, out := start(t, "serve", "-h").exits(t)
	if code != 0 || !strings.Contains(out, "-grace duration") {
		t.Errorf("exits with %d after\n%s", code, out)
	}
}

// systemText returns a pattern for the system's text of an error, which depends on the
// system.
func systemText[T any](_ T, err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return regexp.QuoteMeta(err.Error())
}

// checkExit checks the exit status, and that the output is one line that matches.
func checkExit(t *testing.T, code, wantCode int, out, pattern string) {
	t.Helper()
	if code != wantCode || strings.Count(out, "\n") != 1 || !regexp.MustCompile(pattern).MatchString(out) {
		t.Errorf("exits with %d after\n%s\nwant %d and one line that matches %q", code, out, wantCode, pattern)
	}
}

// In one process: the error of the calls is that of the program, and the server stops.
func TestBoth(t *testing.T) {
	t.Parallel()
	var out, logs bytes.Buffer
	if err := squareProgram.Run(t.Context(), nil, &out, &logs); err != nil {
		t.Fatal(err)
	}
	if out.String() != "square: 9\n" || !strings.HasSuffix(logs.String(), "square: ended\n") {
		t.Errorf("output %q, log %q", &out, &logs)
	}
	if err := squareProgram.Run(t.Context(), []string{"-host", "a/b"}, &out, &logs); err == nil {
		t.Error("no error for an invalid host")
	}
}
