package rpc

import (
	"testing"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
)

// One implementation over each wire: unary calls of 16 bytes, and streamed messages.
func BenchmarkWires(b *testing.B) {
	for _, work := range []struct {
		name  string
		bytes int
		run   func(b *testing.B, c impl.Calls, msg *benchpb.Message) error
	}{
		{"unary", 16, func(b *testing.B, c impl.Calls, msg *benchpb.Message) error {
			b.Helper()
			for range b.N {
				if err := c.Unary(b.Context(), msg); err != nil {
					return err
				}
			}
			return nil
		}},
		{"stream-16B", 16, download},
		{"stream-1KiB", 1 << 10, download},
	} {
		b.Run("work="+work.name, func(b *testing.B) {
			for _, wire := range inOrder(impl.Wires) {
				b.Run("impl="+wire.Name, func(b *testing.B) {
					c, stop, err := wire.Start()
					if err != nil {
						b.Fatal(err)
					}
					defer stop()
					msg := &benchpb.Message{Data: make([]byte, work.bytes)}
					if err := c.Unary(b.Context(), msg); err != nil { // connects
						b.Fatal(err)
					}
					measure(b, func() error { return work.run(b, c, msg) })
				})
			}
		})
	}
}

func download(b *testing.B, c impl.Calls, msg *benchpb.Message) error {
	b.Helper()
	return c.Download(b.Context(), b.N, len(msg.GetData()), nothing)
}
