package proc

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	t.Parallel()
	p := Start(t, exec.Command("sh", "-c", "echo started; exec sleep 60"))
	Wait(t, "its output", func() bool { return strings.Contains(p.Output(), "started") })
	p.Kill()
	if p.cmd.ProcessState.ExitCode() != -1 {
		t.Errorf("killed, it ended with %v", p.cmd.ProcessState)
	}
}

// addrs is set in the processes that TestAddr starts.
const addrs = "GOHOST_TEST_ADDRS"

// The tests of each package run in their own process, in parallel with the others.
func TestAddr(t *testing.T) {
	t.Parallel()
	const processes, each = 5, 400
	if os.Getenv(addrs) != "" {
		for range each {
			fmt.Println(Addr(t))
		}
		bufio.NewReader(os.Stdin).ReadByte() //nolint:errcheck // end when the input ends
		return
	}
	seen := make(map[string]bool)
	for range processes {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAddr$")
		cmd.Env = append(os.Environ(), addrs+"=yes")
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			stdin.Close() //nolint:errcheck // makes the process end
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
		lines := bufio.NewScanner(stdout)
		for range each {
			if !lines.Scan() {
				t.Fatal("a process ended early")
			}
			if addr := lines.Text(); seen[addr] {
				t.Errorf("%s was given twice", addr)
			} else {
				seen[addr] = true
			}
		}
	}
}

// recorder is a test that records how it ended.
type recorder struct {
	testing.TB
	how string
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.end("failed") }
func (r *recorder) Skipf(string, ...any)  { r.end("skipped") }

// end records only the first end: unlike a test's, it does not stop the caller.
func (r *recorder) end(how string) {
	if r.how == "" {
		r.how = how
	}
}

func TestMissing(t *testing.T) { //nolint:paralleltest // it sets the environment
	for ci, want := range map[string]string{"true": "failed", "": "skipped"} {
		t.Setenv("CI", ci)
		r := &recorder{TB: t}
		Find(r, "no-such-program", "install it")
		if r.how != want {
			t.Errorf("with CI=%q the test %s, want %s", ci, r.how, want)
		}
	}
}

func TestSlow(t *testing.T) { //nolint:paralleltest // it sets the environment
	for value, want := range map[string]string{"1": "", "": "skipped"} {
		t.Setenv("GOHOST_E2E_SLOW", value)
		r := &recorder{TB: t}
		Slow(r)
		if r.how != want {
			t.Errorf("with GOHOST_E2E_SLOW=%q the test %q, want %q", value, r.how, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	if path := Find(t, "sh", ""); !strings.HasSuffix(path, "/sh") {
		t.Errorf("sh is at %q", path)
	}
	if _, err := os.Stat(Find(t, "ls", "")); err != nil {
		t.Error(err)
	}
}
