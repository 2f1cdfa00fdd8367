package wires

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/e2e/internal/samples"
)

// An answer arrives while the client has more to send but waits. This also works over
// HTTP/1.1, where a server of net/http by default reads all of the request first.
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
