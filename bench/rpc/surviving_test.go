package rpc

import (
	"testing"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
)

// Streams that survive the end of a server, compared with those that do not.
func BenchmarkSurviving(b *testing.B) {
	msg := &benchpb.Message{Data: make([]byte, 16)}
	streams := []impl.Impl{impl.Gohost, impl.Resume, impl.Drain, impl.Again}
	for _, work := range []struct {
		name  string
		impls []impl.Impl
		bench func(b *testing.B, c impl.Client) error
	}{
		{"server", streams, func(b *testing.B, c impl.Client) error {
			return c.Download(b.Context(), b.N, len(msg.GetData()), nothing)
		}},
		{"bidi", streams, func(b *testing.B, c impl.Client) error {
			return c.Chat(b.Context(), b.N, func() *benchpb.Message { return msg }, nothing)
		}},
		{"short", streams, func(b *testing.B, c impl.Client) error {
			for range b.N {
				if err := c.Download(b.Context(), 1, len(msg.GetData()), nothing); err != nil {
					return err
				}
			}
			return nil
		}},
		// The client of Resume makes unary calls like that of Gohost.
		{"unary", []impl.Impl{impl.Gohost, impl.Drain, impl.Again}, func(b *testing.B, c impl.Client) error {
			for range b.N {
				if err := c.Unary(b.Context(), msg); err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		b.Run("work="+work.name, func(b *testing.B) {
			compare(b, work.impls, func(b *testing.B, c impl.Client) {
				if err := work.bench(b, c); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
