package rpc

import (
	"testing"

	"github.com/gohostrpc/gohost/bench/impl"
)

// Gateways between a client and an upstream that encode and decode nothing.
func BenchmarkGateway(b *testing.B) {
	gateways := []impl.Gateway{impl.TypedGateway, impl.RawGateway, impl.RawCodec, impl.RawAgain, impl.StubAlone, impl.GRPCProxy, impl.Relay, impl.Direct}
	for _, message := range []struct {
		name, service string
		bytes         func() ([]byte, error)
	}{
		{"nested", "Nested", impl.ATrip},
		{"16B", "Bench", func() ([]byte, error) { return impl.AMessage(16) }},
		{"64KiB", "Bench", func() ([]byte, error) { return impl.AMessage(64 << 10) }},
	} {
		msg, err := message.bytes()
		if err != nil {
			b.Fatal(err)
		}
		for _, method := range []string{"Download", "Upload", "Chat"} {
			b.Run("message="+message.name+"/method="+method, func(b *testing.B) {
				for _, g := range inOrder(gateways) {
					b.Run("impl="+g.Name, func(b *testing.B) {
						benchmarkGateway(b, g, "/benchpb."+message.service+"/"+method, msg)
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
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime(b)
	if err := ends.Run(b.Context(), b.N); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}
