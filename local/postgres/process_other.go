//go:build !linux

package postgres

import "syscall"

// dieWithParent does nothing: only Linux can tell a child that its parent died.
func dieWithParent(*syscall.SysProcAttr) {}
