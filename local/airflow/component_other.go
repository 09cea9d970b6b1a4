//go:build !linux

package airflow

import "syscall"

// dieWithParent does nothing: only Linux can tell a child that its parent died.
func dieWithParent(*syscall.SysProcAttr) {}

// sessionMembers finds nothing: without /proc, what a killed component leaves behind stays.
func sessionMembers(int) []int { return nil }
