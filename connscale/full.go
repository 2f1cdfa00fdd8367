package connscale

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"
)

// errFull returns the status of a call whose context, ctx, has ended while it
// waited for a stream: it says why there was none.
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
	if newest := s.conns[len(s.conns)-1]; newest.allowed <= s.kept {
		fmt.Fprintf(&why, ", since the server allows %d streams on each", newest.allowed)
		if s.kept > 0 {
			fmt.Fprintf(&why, " and %d is kept free for its health check", s.kept)
		}
	}
	if s.next != nil && s.next.err != nil {
		fmt.Fprintf(&why, ", and another one fails: %v", s.next.err)
	} else if s.next != nil && s.next.state == connectivity.Connecting {
		why.WriteString(", and another one is not ready yet")
	}
	return why.String()
}
