package connscale

import (
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// nginx takes 1,000 calls on a connection (keepalive_requests), says GOAWAY, and
// refuses those that the client has sent before it knew. grpc makes a refused call
// again, but only once: if that try meets the same end, the call fails. Connections
// that were opened together have had about as many calls, so with 1,000 calls at a
// time 140 of 240,000 failed. So once a server has refused calls, its connections
// are not used for more of them than the one that did it had taken.

const (
	// minLifetime keeps a server that refused calls for another reason, an orderly
	// end for instance, from getting a connection for every few of them.
	minLifetime = 100
	// lifetimeHolds is how long new connections are expected to behave like the one
	// that refused calls. A refused call may wait for a stream as long.
	lifetimeHolds = time.Minute
)

// lifetime is how many calls a connection takes before the server refuses some.
type lifetime struct {
	calls int
	seen  time.Time // the zero time if it was not
}

// wear looks at the end of a call of c, which still counts as one of its streams:
// if it was refused, those that go on may have been refused, too, and the other
// connections are trusted as far as c was.
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

// refused tells whether the server has not processed a call because it had said
// GOAWAY. Only the text of the status tells. A call that meets the GOAWAY before it is
// sent ends with the same text, and grpc makes it again as often as it takes. A
// stream that is reset with REFUSED_STREAM says nothing about the connection.
func refused(info balancer.DoneInfo) bool {
	if !info.BytesSent || info.BytesReceived {
		return false
	}
	s, ok := status.FromError(info.Err)
	return ok && s.Code() == codes.Unavailable && s.Message() == "the connection is draining"
}

// expected returns how many calls a new connection is to get, or 0 for any number.
func (l lifetime) expected() int {
	if l.seen.IsZero() || time.Since(l.seen) > lifetimeHolds {
		return 0
	}
	return l.calls
}

// worn tells whether c is to get no more calls. It is closed when its calls have
// ended.
func (c *conn) worn() bool { return c.lifetime > 0 && c.calls >= c.lifetime }
