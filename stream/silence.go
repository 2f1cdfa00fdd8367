package stream

import (
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/pushback"
)

// silenceError is the error of a stream that was silent for too long. It makes
// its status on demand.
type silenceError struct {
	what string // what did not come
	d    time.Duration
}

func (e *silenceError) Error() string { return e.GRPCStatus().Err().Error() }

// GRPCStatus returns the error's status, for package status. Its detail says that
// the call may be made again immediately.
func (e *silenceError) GRPCStatus() *status.Status {
	return pushback.AtOnce(codes.DeadlineExceeded, "stream: no "+e.what+" within "+e.d.String())
}
