package proc

import (
	"os/exec"
	"syscall"
)

// dieWithParent lets no program outlive a test that was killed.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
