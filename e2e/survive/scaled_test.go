package survive

import (
	"fmt"
	"testing"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// checkScaled waits until a client's connections have so many streams together, no call
// waits, and idle connections are closed.
func (s *swarm) checkScaled(t *testing.T, streams int) {
	t.Helper()
	if s.scaled == nil {
		return
	}
	var stats connscale.Stats
	proc.Wait(t, fmt.Sprintf("%d streams on the connections", streams), func() bool {
		stats = s.scaled.Stats()
		sum, idle := 0, 0
		for i, c := range stats.Connections {
			sum += c.Streams
			if i > 0 && c.Streams == 0 {
				idle++
			}
		}
		return sum == streams && idle == 0 && stats.Waiting == 0
	})
	t.Attr("seen", fmt.Sprintf("%d streams on %d connections", streams, len(stats.Connections)))
}
