package streamlimit

import (
	"context"
	"net"
	"syscall"
)

// Watch returns conn, which a client's handshake has made, in such a way that the
// first frame is looked at when it is read. ctx is the context of the handshake.
// Without a [Limit] at the address that was dialled, it returns conn itself.
func Watch(ctx context.Context, conn net.Conn) net.Conn {
	l, ok := of(ctx)
	if !ok {
		return conn
	}
	switch conn.(type) {
	case *watched, watchedSyscall:
		return conn // credentials that hold credentials that watch
	}
	l.forget() // that of an earlier try
	w := &watched{Conn: conn, settings: settings{limit: l}}
	if raw, ok := conn.(syscall.Conn); ok {
		return watchedSyscall{w, raw} // channelz shows the options of the socket
	}
	return w
}

// watched is a connection whose first frame from the server is looked at. Like of
// any net.Conn that grpc uses, one goroutine reads.
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
