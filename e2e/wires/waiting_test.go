package wires

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/e2e/internal/samples"
)

// An answer comes while the client has more to send, and does not: over HTTP/1.1 too, where a
// server of net/http reads on by default.
func TestAnswerWhileRequestsWait(t *testing.T) {
	t.Parallel()
	server := servers["gohostconnect"](t, target{reports: new(samples.Reports)})
	for _, r := range table {
		if r.server != "gohostconnect" || r.client != bridge {
			continue
		}
		t.Run(fmt.Sprint(r.protocol, " HTTP", r.http), func(t *testing.T) {
			t.Parallel()
			client := openBridge(t, server, r, false)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			answered := make(chan struct{})
			defer close(answered)
			got, err := client.sumSquare(ctx, func(yield func(float64) bool) {
				if yield(2) && yield(0) {
					<-answered
				}
			})
			if err := expect(4.0, got, err); err != nil {
				t.Error(err)
			}
		})
	}
}
