package drain

import (
	"encoding/binary"
	"net"
	"sync"
	"sync/atomic"
)

// conn is a connection of a server that observes what the server writes.
type conn struct {
	net.Conn // after the handshake
	raw      net.Conn
	conns    *conns
	frames   frames
	up       atomic.Bool // calls can come

	goneAway chan struct{} // closed when GOAWAY was written, or the connection closed
	once     sync.Once
}

// The frames to find: RFC 9113, sections 6.5 and 6.8.
const (
	frameSettings = 0x4
	frameGoAway   = 0x7
	flagAck       = 0x1
)

// Write writes p. The server's transport writes on one goroutine.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.frames.scan(p[:n], func(kind, flags byte) {
		switch {
		case kind == frameGoAway:
			c.tell()
		case kind == frameSettings && flags&flagAck != 0:
			c.up.Store(true)
		}
	})
	return n, err
}

// Close closes the connection.
func (c *conn) Close() error {
	c.conns.remove(c)
	return c.Conn.Close()
}

// tell records that the connection has had its GOAWAY or is closed.
func (c *conn) tell() { c.once.Do(func() { close(c.goneAway) }) }

// frames finds the HTTP/2 frames in what is written, piece by piece.
type frames struct {
	header [9]byte
	have   int // of the header
	skip   int // of the payload, before the next header
}

// scan calls found for each frame whose header ends in p.
func (f *frames) scan(p []byte, found func(kind, flags byte)) {
	for len(p) > 0 {
		if f.skip > 0 {
			n := min(f.skip, len(p))
			f.skip -= n
			p = p[n:]
			continue
		}
		n := copy(f.header[f.have:], p)
		f.have += n
		p = p[n:]
		if f.have < len(f.header) {
			return
		}
		f.have = 0
		f.skip = int(binary.BigEndian.Uint32(f.header[:4]) >> 8)
		found(f.header[3], f.header[4])
	}
}
