package stream

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// silenceError is the error of a stream that was silent for too long. It makes
// its status when somebody asks for it.
type silenceError struct {
	what string // did not come
	d    time.Duration
}

func (e *silenceError) Error() string { return e.GRPCStatus().Err().Error() }

// GRPCStatus makes the error's status for package status. Its detail says that
// the call may be made again at once.
func (e *silenceError) GRPCStatus() *status.Status {
	s := status.New(codes.DeadlineExceeded, "stream: no "+e.what+" within "+e.d.String())
	if again, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(0)}); err == nil {
		return again
	}
	return s
}
