package rpc

import (
	"slices"
	"testing"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/bench/impl"
)

var (
	streaming = []impl.Impl{impl.GRPC, impl.Gohost, impl.GRPCAgain, impl.Reuse, impl.Connect}
	limits    = []impl.Impl{impl.GRPCReuse, impl.Bare}
	calls     = []impl.Impl{impl.GRPC, impl.Gohost, impl.Connect}
)

var sizes = []struct {
	name  string
	bytes int
}{{"16B", 16}, {"1KiB", 1 << 10}, {"64KiB", 64 << 10}}

// perMessage measures streams of b.N messages of each size.
func perMessage(b *testing.B, bench func(b *testing.B, c impl.Client, msg *benchpb.Message) error) {
	b.Helper()
	for _, size := range sizes {
		b.Run("size="+size.name, func(b *testing.B) {
			impls := streaming
			if size.bytes == 16 {
				impls = slices.Concat(streaming, limits)
			}
			compare(b, impls, func(b *testing.B, c impl.Client) {
				b.SetBytes(int64(size.bytes))
				if err := bench(b, c, &benchpb.Message{Data: make([]byte, size.bytes)}); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func nothing() {}

func BenchmarkServerStreaming(b *testing.B) {
	perMessage(b, func(b *testing.B, c impl.Client, msg *benchpb.Message) error {
		return c.Download(b.Context(), b.N, len(msg.GetData()), nothing)
	})
}

func BenchmarkClientStreaming(b *testing.B) {
	perMessage(b, func(b *testing.B, c impl.Client, msg *benchpb.Message) error {
		return c.Upload(b.Context(), b.N, func() *benchpb.Message { return msg })
	})
}

// Each message is sent and returned.
func BenchmarkBidirectional(b *testing.B) {
	perMessage(b, func(b *testing.B, c impl.Client, msg *benchpb.Message) error {
		return c.Chat(b.Context(), b.N, func() *benchpb.Message { return msg }, nothing)
	})
}

// The stubs of protoc-gen-gohost name a host in every call. The others do not.
func BenchmarkUnary(b *testing.B) {
	compare(b, calls, func(b *testing.B, c impl.Client) {
		msg := &benchpb.Message{Data: make([]byte, 16)}
		for range b.N {
			if err := c.Unary(b.Context(), msg); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A stream of one message, from its opening to its end.
func BenchmarkShortStream(b *testing.B) {
	compare(b, calls, func(b *testing.B, c impl.Client) {
		for range b.N {
			if err := c.Download(b.Context(), 1, 16, nothing); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPingPong(b *testing.B) {
	compare(b, calls, func(b *testing.B, c impl.Client) {
		if err := c.PingPong(b.Context(), b.N, &benchpb.Message{Data: make([]byte, 16)}); err != nil {
			b.Fatal(err)
		}
	})
}
