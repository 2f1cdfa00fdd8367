package main

import (
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// place is a position within the server. JetStream numbers the messages of a stream 1, 2,
// 3 and so on, the same on all of its nodes. A stream that is made anew begins with 1
// again, so a number alone could mean another event. The time when the stream was made
// distinguishes them.
type place struct {
	made int64  // in Unix nanoseconds
	seq  uint64 // of the last event that the subscriber has; 0 is before the oldest
}

// String returns the position that clients see.
func (p place) String() string {
	return strconv.FormatInt(p.made, 36) + "-" + strconv.FormatUint(p.seq, 10)
}

// parsePosition is the inverse of String.
func parsePosition(position string) (place, error) {
	made, seq, _ := strings.Cut(position, "-")
	var p place
	var err1, err2 error
	p.made, err1 = strconv.ParseInt(made, 36, 64)
	p.seq, err2 = strconv.ParseUint(seq, 10, 64)
	if err1 != nil || err2 != nil || p.String() != position {
		return place{}, status.Errorf(codes.InvalidArgument, "%q is not a position of a feed", position)
	}
	return p, nil
}
