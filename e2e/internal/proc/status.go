package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Children returns the ids of the processes that the program has started.
func (p *Process) Children(tb testing.TB) []int {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", p.Pid()))
	if err != nil {
		tb.Fatal(err)
	}
	var pids []int
	for _, field := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			tb.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// Memory returns the memory of the program and its child processes, in bytes: resident
// memory that is not of a file.
func (p *Process) Memory(tb testing.TB) int {
	tb.Helper()
	bytes := 0
	for _, pid := range append(p.Children(tb), p.Pid()) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			tb.Fatal(err)
		}
		_, line, _ := strings.Cut(string(text), "\nRssAnon:")
		var kB int
		if _, err := fmt.Sscanf(line, "%d kB", &kB); err != nil {
			tb.Fatalf("the memory of process %d: %v", pid, err)
		}
		bytes += kB << 10
	}
	return bytes
}
