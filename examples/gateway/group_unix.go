//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// inOwnGroup keeps Ctrl+C from the process, which is stopped after the calls have
// ended.
func inOwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks the process to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
