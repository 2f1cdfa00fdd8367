package wires

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"testing"

	"google.golang.org/grpc/codes"
)

// process is a client program during a call.
type process struct {
	ctx  context.Context //nolint:containedctx // of the call
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.Reader
	errs bytes.Buffer
	stop func() bool
}

// startProcess starts a program, which is killed when ctx is canceled. At a deadline it
// ends by itself.
func startProcess(ctx context.Context, program string, args ...string) (*process, error) {
	p := &process{ctx: ctx, cmd: exec.Command(program, args...)}
	p.cmd.Stderr = &p.errs
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.stop = context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			p.kill()
		}
	})
	return p, nil
}

func (p *process) kill() { _ = p.cmd.Process.Kill() } // it may have ended

// end waits for the end of the program, whose output has been read, and returns the
// error that the program reports.
func (p *process) end() error {
	_ = p.in.Close() // it may have ended
	_, _ = io.Copy(io.Discard, p.out)
	err := p.cmd.Wait()
	p.stop()
	if errors.Is(p.ctx.Err(), context.Canceled) {
		return failure{code: codes.Canceled, message: "the program was killed"}
	}
	return err
}

// leave kills the program.
func (p *process) leave() {
	p.kill()
	_ = p.end() // it was killed
}

// failureOfProgram returns the failure that a caller has made from a program's output.
func failureOfProgram(err error) failure {
	var f failure
	if errors.As(err, &f) {
		return f
	}
	return failure{code: codes.Unknown, message: err.Error()}
}

func openCurl(t *testing.T, server target, r row, _ bool) caller {
	t.Helper()
	return newCurl(t, server, r.http)
}

func openGrpcurl(t *testing.T, server target, _ row, _ bool) caller {
	t.Helper()
	return newGrpcurl(t, server)
}
