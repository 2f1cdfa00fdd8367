package rpc

import (
	"context"
	"testing"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
)

// Streams with grpc's codec and with package vtcodec, by hand and with the stubs.
func BenchmarkCodec(b *testing.B) {
	for _, c := range []impl.Carriers{impl.Flats, impl.Orders} {
		for _, kind := range []struct {
			name string
			call func(impl.Carrier) func(context.Context, int) error
		}{
			{"server", func(c impl.Carrier) func(context.Context, int) error { return c.Download }},
			{"client", func(c impl.Carrier) func(context.Context, int) error { return c.Upload }},
			{"bidi", func(c impl.Carrier) func(context.Context, int) error { return c.Chat }},
		} {
			b.Run("message="+c.Message+"/kind="+kind.name, func(b *testing.B) { carry(b, c.Starts, kind.call) })
		}
	}
}

// A server that creates a message for each one that it sends.
func BenchmarkSent(b *testing.B) {
	carry(b, impl.Sent, func(c impl.Carrier) func(context.Context, int) error { return c.Download })
}

func carry(b *testing.B, starts []impl.CarrierStart, call func(impl.Carrier) func(context.Context, int) error) {
	b.Helper()
	for _, s := range inOrder(starts) {
		b.Run("impl="+s.Name, func(b *testing.B) {
			c, err := s.Start()
			if err != nil {
				b.Fatal(err)
			}
			defer c.Stop()
			if err := call(c)(b.Context(), 1); err != nil { // connects
				b.Fatal(err)
			}
			measure(b, func() error { return call(c)(b.Context(), b.N) })
		})
	}
}

// Settings of grpc and Go, for loops by hand and for the stubs.
func BenchmarkSettings(b *testing.B) {
	for _, work := range []struct {
		name string
		call func(b *testing.B, c impl.Client) error
	}{
		{"server", func(b *testing.B, c impl.Client) error { return c.Download(b.Context(), b.N, 16, nothing) }},
		{"bidi", func(b *testing.B, c impl.Client) error {
			return c.Chat(b.Context(), b.N, func() *benchpb.Message { return msg16 }, nothing)
		}},
		{"unary", func(b *testing.B, c impl.Client) error {
			for range b.N {
				if err := c.Unary(b.Context(), msg16); err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		for _, s := range inOrder(append([]impl.Setting{impl.Default}, impl.Settings...)) {
			b.Run("work="+work.name+"/setting="+s.Name, func(b *testing.B) {
				compare(b, s.Impls(), func(b *testing.B, c impl.Client) {
					if err := work.call(b, c); err != nil {
						b.Fatal(err)
					}
				})
			})
		}
	}
}

var msg16 = &benchpb.Message{Data: make([]byte, 16)}
