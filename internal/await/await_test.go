package await

import (
	"testing"
	"time"

	"github.com/gohostrpc/gohost/internal/synctest"
)

func TestWithin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			closed, d time.Duration
			want      bool
			takes     time.Duration
		}{
			{closed: 0, d: time.Second, want: true, takes: 0},
			{closed: time.Second, d: time.Hour, want: true, takes: time.Second},
			{closed: time.Hour, d: time.Second, want: false, takes: time.Second},
			{closed: time.Hour, d: 0, want: false, takes: 0},
			{closed: time.Hour, d: -time.Second, want: false, takes: 0},
		} {
			done, start := make(chan struct{}), time.Now()
			time.AfterFunc(test.closed, func() { close(done) })
			got := Within(done, test.d)
			if takes := time.Since(start); got != test.want || takes != test.takes {
				t.Errorf("closed after %v: Within(%v) = %v after %v, want %v after %v", test.closed, test.d, got, takes, test.want, test.takes)
			}
		}
	})
}
