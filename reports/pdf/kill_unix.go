//go:build unix

package pdf

import (
	"os/exec"
	"syscall"
)

// killWhole has a command killed with all that it has started: soffice is a script, whose child does the work.
func killWhole(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
