package rpc

import (
	"slices"
	"testing"

	"github.com/gohostrpc/gohost/bench/impl"
)

// Gateways between a client and an upstream that encode and decode nothing.
func BenchmarkGateway(b *testing.B) {
	gateways := []impl.Gateway{impl.TypedGateway, impl.RawGateway, impl.RawCodec, impl.TypedAgain, impl.GRPCProxy}
	// These show how fast a gateway could be at most.
	bounds := []impl.Gateway{impl.StubAlone, impl.Relay, impl.Direct}
	flat := func(size int) func() ([]byte, error) {
		return func() ([]byte, error) { return impl.AMessage(size) }
	}
	streams := []string{"Download", "Upload", "Chat"}
	for _, work := range []struct {
		message, service string
		methods          []string
		bytes            func() ([]byte, error)
		gateways         []impl.Gateway
	}{
		{"nested", "Nested", streams, impl.ATrip, slices.Concat(gateways, bounds)},
		{"16B", "Bench", streams, flat(16), gateways},
		{"64KiB", "Bench", streams, flat(64 << 10), gateways},
		{"16B", "Bench", []string{"Unary"}, flat(16), slices.Concat(gateways, bounds)},
	} {
		msg, err := work.bytes()
		if err != nil {
			b.Fatal(err)
		}
		for _, method := range work.methods {
			b.Run("message="+work.message+"/method="+method, func(b *testing.B) {
				for _, g := range inOrder(work.gateways) {
					b.Run("impl="+g.Name, func(b *testing.B) {
						benchmarkGateway(b, g, "/benchpb."+work.service+"/"+method, msg)
					})
				}
			})
		}
	}
}

func benchmarkGateway(b *testing.B, g impl.Gateway, method string, msg []byte) {
	b.Helper()
	ends, err := impl.StartEnds(g, method, msg)
	if err != nil {
		b.Fatal(err)
	}
	defer ends.Stop()
	if err := ends.Run(b.Context(), 1); err != nil { // connects
		b.Fatal(err)
	}
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime(b)
	if err := ends.Run(b.Context(), b.N); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}
