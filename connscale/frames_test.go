package connscale_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// frames is a server that does what grpc's cannot: it sends any limits or none, and
// sends GOAWAY like nginx.
type frames struct {
	limits []uint32              // the limits to send, in one SETTINGS frame
	answer time.Duration         // the maximum time until a call is answered
	life   func(number int) int  // the number of calls that a connection takes, 0 for any, -1 for none; may be nil
	delay  time.Duration         // between its last call and GOAWAY
	ends   func(number int) bool // whether a connection ends soon; may be nil
	lasts  time.Duration         // how long such a connection lasts

	taken, refused atomic.Int64 // calls
	conns          atomic.Int64

	mu      sync.Mutex
	watches []int // the connections that were asked for the health
}

// serveFrames serves f at address until the test ends.
func (n *network) serveFrames(t *testing.T, address string, f *frames) *frames {
	t.Helper()
	listener := n.listen(address)
	var all sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	all.Add(1)
	go func() {
		defer all.Done()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			all.Add(1)
			go func() {
				defer all.Done()
				f.serve(conn)
			}()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, conn := range conns {
			_ = conn.Close()
		}
		all.Wait()
	})
	return f
}

// framesConn is a connection of such a server. Several goroutines write.
type framesConn struct {
	*frames
	mu     sync.Mutex
	framer *http2.Framer
	block  bytes.Buffer
	hpack  *hpack.Encoder
	paths  map[uint32]string // of the calls whose requests come
	number int
	life   int
	calls  int
}

func (f *frames) serve(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the server is done with it
	number := int(f.conns.Add(1)) - 1
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	c := &framesConn{frames: f, framer: http2.NewFramer(conn, conn), paths: make(map[uint32]string), number: number}
	if f.life != nil {
		c.life = f.life(number)
	}
	c.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	c.hpack = hpack.NewEncoder(&c.block)
	var settings []http2.Setting
	for _, limit := range f.limits {
		settings = append(settings, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: limit})
	}
	_ = c.framer.WriteSettings(settings...)
	if f.ends != nil && f.ends(number) {
		if f.lasts == 0 {
			return
		}
		defer time.AfterFunc(f.lasts, func() { _ = conn.Close() }).Stop()
	}
	for {
		frame, err := c.framer.ReadFrame()
		if err != nil {
			return
		}
		c.hear(frame)
	}
}

func (c *framesConn) hear(frame http2.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch frame := frame.(type) {
	case *http2.SettingsFrame:
		if !frame.IsAck() {
			_ = c.framer.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if !frame.IsAck() {
			_ = c.framer.WritePing(true, frame.Data)
		}
	case *http2.MetaHeadersFrame:
		c.begin(frame)
	case *http2.DataFrame:
		_ = c.framer.WriteWindowUpdate(0, max(frame.Length, 1))
		if path, ok := c.paths[frame.StreamID]; ok && frame.StreamEnded() {
			delete(c.paths, frame.StreamID)
			c.respond(frame.StreamID, path)
		}
	}
}

// begin takes a call, or refuses it by ignoring it: GOAWAY tells the client.
func (c *framesConn) begin(frame *http2.MetaHeadersFrame) {
	switch {
	case c.life < 0:
		_ = c.framer.WriteGoAway(0, http2.ErrCodeNo, nil)
		fallthrough
	case c.life > 0 && c.calls >= c.life:
		c.refused.Add(1)
		return
	}
	if strings.HasSuffix(frame.PseudoValue("path"), "/Watch") { // not counted as a call
		c.paths[frame.StreamID] = frame.PseudoValue("path")
		c.watched(c.number)
		return
	}
	c.taken.Add(1)
	c.paths[frame.StreamID] = frame.PseudoValue("path")
	if c.calls++; c.calls == c.life {
		last := frame.StreamID
		c.after(c.delay, func() { _ = c.framer.WriteGoAway(last, http2.ErrCodeNo, nil) })
	}
}

// after calls f with the lock after d. The caller holds the lock.
func (c *framesConn) after(d time.Duration, f func()) {
	if d == 0 {
		f()
		return
	}
	time.AfterFunc(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		f()
	})
}

func (f *frames) watched(number int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watches = append(f.watches, number)
}

// watchedOn returns the connections that were asked for the health.
func (f *frames) watchedOn() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.watches[:len(f.watches):len(f.watches)]
}

// respond answers a watch of the health with SERVING, and any other call with an empty
// message. A stream continues after it.
func (c *framesConn) respond(id uint32, path string) {
	c.after(c.answer*time.Duration(1+id/2%16)/16, func() {
		c.header(id, false, ":status", "200", "content-type", "application/grpc")
		if strings.HasSuffix(path, "/Watch") {
			_ = c.framer.WriteData(id, false, []byte{0, 0, 0, 0, 2, 1 << 3, byte(healthpb.HealthCheckResponse_SERVING)})
			return
		}
		_ = c.framer.WriteData(id, false, make([]byte, 5))
		if !strings.HasSuffix(path, "/rangeSquare") {
			c.header(id, true, "grpc-status", "0")
		}
	})
}

func (c *framesConn) header(id uint32, last bool, fields ...string) {
	c.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		_ = c.hpack.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	_ = c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: c.block.Bytes(), EndHeaders: true, EndStream: last})
}
