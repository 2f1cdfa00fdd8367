//go:build unix

// Package usage tells what a process has used of the machine.
package usage

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// CPU returns the time that processors have worked for this process. What else
// the machine does hardly changes it.
func CPU() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// PeakMemory returns the most memory that a process that has ended had at a
// time, in bytes.
func PeakMemory(p *os.ProcessState) (int64, error) {
	peak := p.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(peak), nil //nolint:unconvert // it is an int32 elsewhere
	}
	return int64(peak) << 10, nil //nolint:unconvert // it is an int32 elsewhere
}
