package airflow

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent makes the kernel ask the component to stop when its parent dies, however that happens.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGTERM }

// sessionMembers finds the processes of a session. Airflow puts each task into a process group of its own, so the session is what
// holds them together.
func sessionMembers(session int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var members []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && sessionOf(pid) == session {
			members = append(members, pid)
		}
	}
	return members
}

// sessionOf reads the session from /proc: the fourth field after the program's name, which stands in parentheses and may hold any
// character. It is 0 for a process that is gone.
func sessionOf(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 4 {
		return 0
	}
	session, err := strconv.Atoi(fields[3])
	if err != nil {
		return 0
	}
	return session
}
