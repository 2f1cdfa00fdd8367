//go:build unix

// Package usage measures what a process has used of the machine.
package usage

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// CPU returns the processor time of this process. Other processes hardly change it.
func CPU() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// PeakMemory returns the peak memory of a process that has ended, in bytes.
func PeakMemory(p *os.ProcessState) (int64, error) {
	peak := p.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(peak), nil //nolint:unconvert // it is an int32 elsewhere
	}
	return int64(peak) << 10, nil //nolint:unconvert // it is an int32 elsewhere
}
