package stub_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// room is how much data an in-process connection buffers in each direction.
const room = 64 << 10

// pipeListener listens in this process. To net/http its connections are like TCP's:
// they have deadlines, and buffer sent data until it is read. bufconn has no deadlines,
// and net.Pipe has no buffer.
type pipeListener struct {
	wrap   func(net.Conn) net.Conn // of what Accept returns, or nil
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener(wrap func(net.Conn) net.Conn) *pipeListener {
	return &pipeListener{wrap: wrap, conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	up, down := newHalf(), newHalf()
	select {
	case l.conns <- &pipe{in: up, out: down}:
		return &pipe{in: down, out: up}, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		if l.wrap != nil {
			c = l.wrap(c)
		}
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "127.0.0.1:1" }

// pipe is one end of a connection.
type pipe struct{ in, out *half }

func (p *pipe) Read(b []byte) (int, error)  { return p.in.read(b) }
func (p *pipe) Write(b []byte) (int, error) { return p.out.write(b) }
func (p *pipe) Close() error {
	p.in.close(io.ErrClosedPipe, net.ErrClosed)
	p.out.close(net.ErrClosed, io.EOF)
	return nil
}
func (p *pipe) LocalAddr() net.Addr  { return pipeAddr{} }
func (p *pipe) RemoteAddr() net.Addr { return pipeAddr{} }
func (p *pipe) SetDeadline(t time.Time) error {
	p.in.reader.set(p.in, t)
	p.out.writer.set(p.out, t)
	return nil
}
func (p *pipe) SetReadDeadline(t time.Time) error  { p.in.reader.set(p.in, t); return nil }
func (p *pipe) SetWriteDeadline(t time.Time) error { p.out.writer.set(p.out, t); return nil }

// half is one direction of a connection.
type half struct {
	mu             sync.Mutex
	changed        sync.Cond
	data           bytes.Buffer
	reader, writer alarm
	readErr        error // after the data has been read; nil while more may come
	writeErr       error
}

func newHalf() *half {
	h := &half{}
	h.changed.L = &h.mu
	return h
}

// close ends the direction: writers get writeErr, and readers readErr. Readers that
// closed it themselves get it immediately.
func (h *half) close(writeErr, readErr error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if readErr == net.ErrClosed {
		h.data.Reset()
		h.readErr = readErr
	}
	if h.readErr == nil {
		h.readErr = readErr
	}
	if h.writeErr == nil {
		h.writeErr = writeErr
	}
	h.reader.stop()
	h.writer.stop()
	h.changed.Broadcast()
}

func (h *half) read(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.reader.passed:
			return 0, os.ErrDeadlineExceeded
		case h.data.Len() > 0:
			defer h.changed.Broadcast()
			return h.data.Read(b)
		case h.readErr != nil:
			return 0, h.readErr
		}
		h.changed.Wait()
	}
}

func (h *half) write(b []byte) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(b) > 0 {
		switch {
		case h.writeErr != nil:
			return n, h.writeErr
		case h.writer.passed:
			return n, os.ErrDeadlineExceeded
		case h.data.Len() < room:
			m, _ := h.data.Write(b[:min(len(b), room-h.data.Len())])
			n, b = n+m, b[m:]
			h.changed.Broadcast()
		default:
			h.changed.Wait()
		}
	}
	return n, nil
}

// alarm is the deadline of a reader or a writer. The lock of its half protects it.
type alarm struct {
	timer  *time.Timer
	passed bool
}

func (a *alarm) stop() {
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
}

func (a *alarm) set(h *half, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a.stop()
	a.passed = false
	if at.IsZero() {
		return
	}
	if left := time.Until(at); left > 0 {
		var timer *time.Timer
		timer = time.AfterFunc(left, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if a.timer == timer {
				a.passed = true
				h.changed.Broadcast()
			}
		})
		a.timer = timer
		return
	}
	a.passed = true
	h.changed.Broadcast()
}
