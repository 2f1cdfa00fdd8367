//go:build !unix

package main

import (
	"os"
	"os/exec"
)

func inOwnGroup(*exec.Cmd) {}

// terminate ends the process: there is no signal to ask it to end.
func terminate(p *os.Process) error { return p.Kill() }
