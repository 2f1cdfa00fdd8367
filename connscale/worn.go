package connscale

import (
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// nginx takes 1,000 calls on a connection (keepalive_requests), sends GOAWAY, and
// refuses the calls that the client sent before it learned of this. grpc retries a
// refused call only once. If that try is refused too, the call fails. Connections that
// were opened together have had about the same number of calls, so with 1,000
// concurrent calls 140 of 240,000 failed. So after a server has refused calls, its
// connections get at most as many calls as the one that refused had taken.
// the one that refused had taken.

const (
	// minLifetime limits the number of connections to a server that has refused calls for
	// another reason, for instance because it ends.
	minLifetime = 100
	// lifetimeHolds is how long new connections are expected to behave like the one
	// that refused calls. A refused call may wait for a stream as long.
	lifetimeHolds = time.Minute
)

// lifetime is the number of calls that a connection takes before the server refuses some.
type lifetime struct {
	calls int
	seen  time.Time // the zero time if it was not
}

// wear handles the end of a call of c, which still counts as one of its streams. If the
// call was refused, the open calls may have been refused, too, and the other connections
// get no more calls than c had.
func (s *subchannel) wear(c *conn, info balancer.DoneInfo) {
	calls := c.calls - c.streams
	if calls < minLifetime || !refused(info) {
		return
	}
	s.lifetime = lifetime{calls: calls, seen: time.Now()}
	for _, other := range s.conns {
		if other.lifetime == 0 || calls < other.lifetime {
			other.lifetime = calls
		}
	}
}

// refused reports whether the server has not processed a call because it had sent GOAWAY.
// Only the text of the status tells this. A call that meets the GOAWAY before it is sent
// ends with the same text, and grpc retries it as often as necessary. A stream that is
// reset with REFUSED_STREAM says nothing about the connection.
func refused(info balancer.DoneInfo) bool {
	if !info.BytesSent || info.BytesReceived {
		return false
	}
	s, ok := status.FromError(info.Err)
	return ok && s.Code() == codes.Unavailable && s.Message() == "the connection is draining"
}

// expected returns how many calls a new connection should get, or 0 for any number.
func (l lifetime) expected() int {
	if l.seen.IsZero() || time.Since(l.seen) > lifetimeHolds {
		return 0
	}
	return l.calls
}

// worn reports whether c gets no more calls. It is closed when its calls have ended.
func (c *conn) worn() bool { return c.lifetime > 0 && c.calls >= c.lifetime }
