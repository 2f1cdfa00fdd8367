package pushback

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// AtOnce returns a status whose detail, a google.rpc.RetryInfo of zero seconds,
// says that the call may be retried immediately.
func AtOnce(code codes.Code, text string) *status.Status {
	s := status.New(code, text)
	if detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(0)}); err == nil {
		return detailed
	}
	return s // its code is OK, so it has no details
}

// RetryInfo returns how long the first RetryInfo of s asks the client to wait
// before it tries again, and whether s has one.
func RetryInfo(s *status.Status) (time.Duration, bool) {
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration(), true
		}
	}
	return 0, false
}
