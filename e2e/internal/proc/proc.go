// Package proc starts real programs on loopback, for tests.
package proc

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/internal/needed"
)

// patience is how long a program may take to start or to end.
const patience = 20 * time.Second

// Find returns the path of a program. If it is not installed, the test fails in CI
// (CI=true) and is skipped elsewhere, with the advice install.
func Find(tb testing.TB, name, install string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin"} { // not in every user's PATH
		if err != nil {
			path, err = exec.LookPath(filepath.Join(dir, name))
		}
	}
	if err != nil {
		needed.Missing(tb, name, install)
	}
	return path
}

// Process is a running program. Its methods may be called concurrently.
type Process struct {
	cmd    *exec.Cmd
	output buffer
	ended  chan struct{}
}

// Start starts a program and returns when all of addrs accept connections. The program
// is stopped when the test ends. If the test has failed, the program's output is
// logged.
func Start(tb testing.TB, cmd *exec.Cmd, addrs ...string) *Process {
	tb.Helper()
	p := &Process{cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		cmd.Wait() //nolint:errcheck // its output says how it ended
		close(p.ended)
	}()
	tb.Cleanup(func() {
		p.Stop(tb)
		if tb.Failed() {
			tb.Logf("%s wrote:\n%s", cmd.Path, p.Output())
		}
	})
	Wait(tb, cmd.Path+" to listen", func() bool {
		select {
		case <-p.ended:
			tb.Fatalf("%s ended: %s", cmd.Path, cmd.ProcessState)
		default:
		}
		return accept(addrs)
	})
	return p
}

// Output returns the output of the program so far: standard output and standard error.
func (p *Process) Output() string { return p.output.String() }

// Pid returns the process id. The system may reuse it when the program has ended.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Signal sends a signal to the program, and does not wait for its effect.
func (p *Process) Signal(tb testing.TB, signal os.Signal) {
	tb.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		tb.Errorf("%v to %s: %v", signal, p.cmd.Path, err)
	}
}

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Kill kills the program with a signal that it cannot catch, and returns when it has
// ended.
func (p *Process) Kill() {
	p.cmd.Process.Kill() //nolint:errcheck // it may have ended
	<-p.ended
}

// Stop asks the program to end, and returns when it has ended. It is called at the end
// of the test, and may be called earlier.
func (p *Process) Stop(tb testing.TB) {
	tb.Helper()
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		tb.Error(err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		tb.Errorf("%s continues after SIGTERM", p.cmd.Path)
		p.Kill()
	}
}

// Wait waits until condition is true. The test fails if that takes too long. condition
// is called on this goroutine.
func Wait(tb testing.TB, what string, condition func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// buffer is a bytes.Buffer that several goroutines may use.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
