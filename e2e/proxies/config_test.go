package proxies

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A change replaces a text in a configuration file by another. The files are small,
// hand-written ones, or generated.
type change struct{ old, new string }

// places are the addresses and files in the documented configurations.
type places struct {
	plain, tls                          string // addresses of the proxy
	square1, square2, other, feed, bulk string // addresses of backends
	dir                                 string // for all files
}

func (p places) changes() []change {
	port := func(addr string) string {
		_, port, _ := net.SplitHostPort(addr)
		return ":" + port
	}
	return []change{
		{"0.0.0.0", "127.0.0.1"},
		{":8080", port(p.plain)},
		{":8443", port(p.tls)},
		{"127.0.0.1:50051", p.square1},
		{"127.0.0.1:50052", p.square2},
		{"127.0.0.1:50053", p.other},
		{"127.0.0.1:50054", p.feed},
		{"127.0.0.1:50055", p.bulk},
		{"/etc/gohost", p.dir},
		{"/var/log/gohost", p.dir},
	}
}

// configure writes configuration files into the folder of w, with changes. Each change
// that the test asks for must change something.
func (w *world) configure(t *testing.T, files []string, asked []change) {
	t.Helper()
	used := make(map[change]bool)
	for i, file := range files {
		config := w.read(t, file)
		for _, c := range append(asked, append(w.adapt, w.changes()...)...) {
			used[c] = used[c] || strings.Contains(config, c.old)
			config = strings.ReplaceAll(config, c.old, c.new)
		}
		// The file has the name by which the proxy, or another file, refers to it.
		write(t, filepath.Join(w.dir, w.files[i]), config)
	}
	for _, c := range asked {
		if !used[c] {
			t.Fatalf("%q is not in %v", c.old, files)
		}
	}
}

// read returns a configuration file, which may be generated.
func (p *proxy) read(t *testing.T, file string) string {
	t.Helper()
	if file == p.generated {
		return p.generate(t)
	}
	text, err := os.ReadFile(filepath.Join(p.folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
