package proc

import (
	"os/exec"
	"syscall"
)

// dieWithParent kills the program when the test is killed.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
