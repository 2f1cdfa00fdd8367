package scaling

import "testing"

// BenchmarkStreams reports the measurements that the tests print. bench/run runs it,
// for docs/performance.md.
func BenchmarkStreams(b *testing.B) {
	for _, p := range []program{server, nginx, haproxy, traefik, caddy} {
		b.Run("to="+p.name, func(b *testing.B) {
			b.Run("impl=plain", func(b *testing.B) {
				for range b.N {
					f := plain(b, p)
					b.ReportMetric(0, "ns/op") // meaningless: it includes waiting
					b.ReportMetric(float64(f.streams), "streams")
				}
			})
			b.Run("impl=scaled", func(b *testing.B) {
				for range b.N {
					f := scaled(b, p)
					b.ReportMetric(float64(f.streams), "streams")
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(f.all.Nanoseconds()), "all-ns")
					b.ReportMetric(float64(f.median.Nanoseconds()), "median-ns")
					b.ReportMetric(float64(f.p99.Nanoseconds()), "p99-ns")
					b.ReportMetric(float64(f.connections), "connections")
					b.ReportMetric(float64(f.idle), "idle-connections")
					b.ReportMetric(float64(f.memory), "client-B")
				}
			})
			b.Run("impl=connection", func(b *testing.B) {
				for range b.N {
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(connection(b, p)), "other-B")
				}
			})
		})
	}
}
