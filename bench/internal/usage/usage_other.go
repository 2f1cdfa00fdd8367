//go:build !unix

package usage

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
)

var errUnknown = fmt.Errorf("the usage of a process cannot be measured on %s: %w", runtime.GOOS, errors.ErrUnsupported)

// CPU is measured on Unix only.
func CPU() (time.Duration, error) { return 0, errUnknown }

// PeakMemory is measured on Unix only.
func PeakMemory(*os.ProcessState) (int64, error) { return 0, errUnknown }
