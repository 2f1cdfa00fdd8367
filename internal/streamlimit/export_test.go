package streamlimit

import "net"

// Unwrap returns the connection that conn watches, if any.
func Unwrap(conn net.Conn) (net.Conn, bool) {
	switch w := conn.(type) {
	case *watched:
		return w.Conn, true
	case watchedSyscall:
		return w.watched.Conn, true
	}
	return nil, false
}
