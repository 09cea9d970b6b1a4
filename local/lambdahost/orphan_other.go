//go:build unix && !linux

package lambdahost

import "syscall"

// dieWithParent keeps the terminal's signals from the child; only Linux can tie its life to this process.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
