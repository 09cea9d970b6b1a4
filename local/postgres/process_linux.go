package postgres

import "syscall"

// dieWithParent makes the kernel ask the server for a fast shutdown when its parent dies, however that happens.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }
