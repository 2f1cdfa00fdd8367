package streamlimit

import (
	"context"
	"net"
	"syscall"
)

// Watch wraps conn, which a client's handshake has made, and parses the first
// frame when it is read. ctx is the context of the handshake. If the dialled
// address has no [Limit], Watch returns conn itself.
func Watch(ctx context.Context, conn net.Conn) net.Conn {
	l, ok := of(ctx)
	if !ok {
		return conn
	}
	switch conn.(type) {
	case *watched, watchedSyscall:
		return conn // other credentials within these watch already
	}
	l.forget() // that of an earlier try
	w := &watched{Conn: conn, settings: settings{limit: l}}
	if raw, ok := conn.(syscall.Conn); ok {
		return watchedSyscall{w, raw} // channelz shows the options of the socket
	}
	return w
}

// watched is a connection that parses the server's first frame. As with any
// net.Conn that grpc uses, one goroutine reads.
type watched struct {
	net.Conn
	settings settings
}

type watchedSyscall struct {
	*watched
	syscall.Conn
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if !w.settings.done {
		w.settings.read(p[:n])
	}
	return n, err
}
