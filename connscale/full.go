package connscale

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"
)

// errFull returns the status of a call whose context, ctx, has ended while it waited for
// a stream. It says why none was free.
func (s *subchannel) errFull(ctx context.Context) error {
	err := ctx.Err()
	return status.Errorf(status.FromContextError(err).Code(), "%v while waiting for a stream: %s", err, s.whyFull())
}

func (s *subchannel) whyFull() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var why strings.Builder
	switch n := len(s.conns); n {
	case 0:
		return "there is no connection"
	case 1:
		why.WriteString("the only connection is full")
	default:
		fmt.Fprintf(&why, "all of the %d connections are full", n)
	}
	switch newest := s.conns[len(s.conns)-1]; {
	case newest.allowed == 0:
		why.WriteString(", since the server allows no streams")
	case newest.allowed <= s.kept:
		why.WriteString(", since the one stream that the server allows on each is kept free for its health check")
	}
	switch {
	case s.next != nil && s.next.err != nil:
		fmt.Fprintf(&why, ", and another one fails: %v", s.next.err)
	case s.pause != nil:
		why.WriteString(", and another one has ended at once")
	case s.next != nil && s.next.state == connectivity.Connecting:
		why.WriteString(", and another one is not ready yet")
	}
	return why.String()
}
