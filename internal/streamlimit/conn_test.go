package streamlimit

import (
	"bytes"
	"io"
	"math"
	"net"
	"testing"
	"testing/iotest"

	"golang.org/x/net/http2"
)

// frame returns a SETTINGS frame.
func frame(tb testing.TB, settings ...http2.Setting) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := http2.NewFramer(&b, nil).WriteSettings(settings...); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func limited(to uint32) http2.Setting {
	return http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: to}
}

// source is a connection from which bytes are read.
type source struct {
	net.Conn
	io.Reader
}

func (s source) Read(p []byte) (int, error) { return s.Reader.Read(p) }

// read reads all of r through a watched connection, in the pieces that r gives,
// and checks that the bytes are unchanged. It returns the limit.
func read(tb testing.TB, r io.Reader, whole []byte) (limit uint32, known bool) {
	tb.Helper()
	var l Limit
	got, err := io.ReadAll(&watched{Conn: source{nil, r}, settings: settings{limit: &l}})
	if err != nil {
		tb.Fatal(err)
	}
	if !bytes.Equal(got, whole) {
		tb.Fatalf("what was read is\n%q, want\n%q", got, whole)
	}
	return l.Get()
}

func TestLimit(t *testing.T) {
	t.Parallel()
	window := http2.Setting{ID: http2.SettingInitialWindowSize, Val: 65535}
	ping := []byte("\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678")
	large := frame(t, append(make([]http2.Setting, maxPayload/settingLen-1), limited(7))...) // 16,380 bytes
	tests := map[string]struct {
		bytes []byte
		limit uint32
		known bool
	}{
		"a limit":             {frame(t, limited(128)), 128, true},
		"the largest limit":   {frame(t, limited(math.MaxUint32)), math.MaxUint32, true},
		"a limit of 0":        {frame(t, limited(0)), 0, true},
		"among others":        {frame(t, window, limited(100), http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1 << 20}), 100, true},
		"twice":               {frame(t, limited(1), window, limited(2)), 2, true},
		"none":                {frame(t, window), Unlimited, true},
		"empty":               {frame(t), Unlimited, true},
		"as large as it gets": {large, 7, true},
		"too large":           {frame(t, append(make([]http2.Setting, maxPayload/settingLen), limited(7))...), 0, false},
		"far too large":       {append([]byte{1, 0, 6}, frame(t, limited(7))[3:]...), 0, false},
		"with another behind": {append(frame(t, limited(5)), frame(t, limited(6))...), 5, true},
		"with a PING behind":  {append(frame(t, limited(5)), ping...), 5, true},
		"behind a PING":       {append(bytes.Clone(ping), frame(t, limited(5))...), 0, false},
		"HTTP/1.1":            {[]byte("HTTP/1.1 400 Bad Request\r\n\r\n"), 0, false},
		"nothing":             {nil, 0, false},
		"a part of a header":  {frame(t, limited(5))[:8], 0, false},
		"a header":            {frame(t, limited(5))[:9], 0, false},
		"all but a byte":      {frame(t, limited(5))[:14], 0, false},
	}
	for name, test := range tests {
		for how, r := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "in halves": iotest.HalfReader,
			"byte by byte": iotest.OneByteReader, "with its end": iotest.DataErrReader,
		} {
			if limit, known := read(t, r(bytes.NewReader(test.bytes)), test.bytes); limit != test.limit || known != test.known {
				t.Errorf("%s, %s: the limit is %d, %v; want %d, %v", name, how, limit, known, test.limit, test.known)
			}
		}
	}
}

// Nothing after the first frame is kept or parsed.
func TestWatchingEnds(t *testing.T) {
	t.Parallel()
	for name, first := range map[string][]byte{"SETTINGS": frame(t, limited(5)), "something else": []byte("HTTP/1.1 400 Bad Request")} {
		var l Limit
		w := &watched{Conn: source{nil, bytes.NewReader(append(first, frame(t, limited(6))...))}, settings: settings{limit: &l}}
		if _, err := io.ReadAll(w); err != nil {
			t.Fatal(err)
		}
		if !w.settings.done || w.settings.frame != nil {
			t.Errorf("%s: done is %v, and %d bytes are kept", name, w.settings.done, len(w.settings.frame))
		}
	}
}

// An error of the connection is passed on.
func TestErrorsArePassedOn(t *testing.T) {
	t.Parallel()
	var l Limit
	w := &watched{Conn: source{nil, iotest.ErrReader(io.ErrClosedPipe)}, settings: settings{limit: &l}}
	if n, err := w.Read(make([]byte, 10)); n != 0 || err != io.ErrClosedPipe {
		t.Errorf("%d bytes and the error %v", n, err)
	}
}

// FuzzSettings reads any bytes in any pieces, and compares with
// golang.org/x/net.
func FuzzSettings(f *testing.F) {
	f.Add(frame(f, limited(1), limited(2)), uint8(1))
	f.Add(append(frame(f), "more"...), uint8(4))
	f.Add([]byte("HTTP/1.1 400 Bad Request"), uint8(100))
	f.Fuzz(func(t *testing.T, b []byte, piece uint8) {
		limit, known := read(t, &pieces{bytes.NewReader(b), int(piece) + 1}, b)
		framer := http2.NewFramer(nil, bytes.NewReader(b))
		framer.SetMaxReadFrameSize(maxPayload) // like grpc
		first, err := framer.ReadFrame()
		if err != nil {
			return // grpc closes the connection
		}
		s, ok := first.(*http2.SettingsFrame)
		if !ok {
			if known {
				t.Errorf("the first frame is a %T, and the limit %d", first, limit)
			}
			return
		}
		want := uint32(Unlimited)
		for i := range s.NumSettings() {
			if setting := s.Setting(i); setting.ID == http2.SettingMaxConcurrentStreams {
				want = setting.Val
			}
		}
		if !known || limit != want {
			t.Errorf("the limit is %d, %v; want %d", limit, known, want)
		}
	})
}

// pieces reads a limited number of bytes at a time.
type pieces struct {
	io.Reader
	most int
}

func (p *pieces) Read(b []byte) (int, error) { return p.Reader.Read(b[:min(len(b), p.most)]) }
